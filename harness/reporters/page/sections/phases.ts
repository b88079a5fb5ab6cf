import { medianOrNull } from "../../../statistics/quantiles.ts";
import type { CellSummary } from "../../../results/summary.ts";
import { duration, percent } from "../../../text/format.ts";
import type { Block, Figure } from "../block.ts";
import { compositionChart, type CompositionRow } from "../figures/composition.ts";
import type { Section } from "../section.ts";
import { cellName, describingSamples, type RunSubject } from "../subject.ts";
import type { Words } from "../words/index.ts";

const PHASES = ["read", "badges", "grades", "coupons"] as const;

/** Parts that add up to the whole: measured at different places, they can exceed it by a little. */
function fractions(parts: readonly number[], wholeMs: number): number[] {
  const whole = Math.max(
    wholeMs,
    parts.reduce((sum, part) => sum + part, 0),
  );
  const found = parts.map((part) => part / whole);
  return [...found, Math.max(0, 1 - found.reduce((sum, part) => sum + part, 0))];
}

const rowOf = (subject: RunSubject, summary: CellSummary, parts: readonly number[], wallMs: number): CompositionRow => ({
  name: cellName(subject, summary),
  label: duration(wallMs),
  fractions: fractions(parts, wallMs),
});

function phaseRows(subject: RunSubject): CompositionRow[] {
  return subject.summaries.flatMap((summary) => {
    const phases = describingSamples(subject, summary).flatMap(({ phaseMs }) => phaseMs ?? []);
    const { medianWallMs } = summary;
    if (phases.length === 0 || medianWallMs === null) return [];
    return [
      rowOf(
        subject,
        summary,
        PHASES.map((phase) => medianOrNull(phases.map((own) => own[phase])) ?? 0),
        medianWallMs,
      ),
    ];
  });
}

const splitRows = (subject: RunSubject): CompositionRow[] =>
  subject.summaries.flatMap((summary) =>
    summary.split === null || summary.medianWallMs === null
      ? []
      : [rowOf(subject, summary, [summary.split.clientMs, summary.split.serverMs], summary.medianWallMs)],
  );

function figure(
  id: string,
  title: string,
  reading: string,
  parts: readonly string[],
  rows: readonly CompositionRow[],
  words: Words,
): Figure {
  const largest = (row: CompositionRow): string => {
    const index = row.fractions.indexOf(Math.max(...row.fractions));
    return words.phases.largest(row.name, parts[index] ?? "", percent(row.fractions[index] ?? 0));
  };
  return {
    kind: "figure",
    id,
    title,
    reading,
    numbers: rows.map(largest),
    spec: (width) => compositionChart({ parts, rows, title: words.axis.fraction }, width),
  };
}

export const phases: Section<RunSubject> = {
  id: "phases",
  title: ({ phases }) => phases.title,
  applies: (subject) => phaseRows(subject).length > 0 || splitRows(subject).length > 0,
  render: (subject, words) => {
    const { phases } = words;
    const [byPhase, byPlace] = [phaseRows(subject), splitRows(subject)];
    const names = [...PHASES.map((phase) => phases.names[phase]), phases.names.rest];
    const places = [phases.client, phases.server, phases.wire];
    const blocks: Block[] = [];
    if (byPlace.length > 0) blocks.push(figure("places", phases.placesFigure, phases.placesReading, places, byPlace, words));
    if (byPhase.length > 0) blocks.push(figure("phases", phases.figure, phases.reading, names, byPhase, words));
    return blocks;
  },
};
