import { ESTIMATE_MARK, times } from "../../../text/format.ts";
import type { CellSummary } from "../../../results/summary.ts";
import { timelineTables } from "../../parts/timeline.ts";
import { list, paragraph, table, type Figure } from "../block.ts";
import { stagesChart, type StageMark } from "../figures/stages.ts";
import type { Section } from "../section.ts";
import { wallOf, type RunSubject } from "../subject.ts";
import type { Words } from "../words/index.ts";

type Timeline = NonNullable<RunSubject["results"]["run"]["timeline"]>;

/** The stage that a claim names by a part of its label; null: no stage repeats the claim. */
function stageOf({ stages }: Timeline, note: string): string | null {
  return stages.find(({ label }) => label.includes(note))?.label ?? null;
}

interface Chart {
  readonly rows: string[];
  readonly marks: StageMark[];
}

function chartOf({ results, summaries }: RunSubject): Chart | null {
  const { timeline } = results.run;
  if (timeline === null || timelineTables(results) === null) return null;
  const summaryOf = (id: string): CellSummary | undefined => summaries.find(({ cell }) => cell.id === id);
  const stages = timeline.stages.flatMap(({ label, cellId }) => {
    const summary = summaryOf(cellId);
    const wallMs = summary === undefined ? null : wallOf(summary);
    return summary === undefined || wallMs === null ? [] : [{ label, wallMs, isEstimate: summary.medianWallMs === null }];
  });
  const [first] = stages;
  const firstMinutes = timeline.claims[0]?.minutes;
  if (first === undefined) return null;
  const measured = stages.map(({ label, wallMs, isEstimate }): StageMark => {
    const ratio = first.wallMs / wallMs;
    return { row: label, times: ratio, label: `${isEstimate ? ESTIMATE_MARK : ""}${times(ratio)}`, isClaim: false, isEstimate };
  });
  const claimed = timeline.claims.map(({ label, minutes, note }): StageMark => {
    const ratio = (firstMinutes ?? minutes) / minutes;
    return { row: stageOf(timeline, note) ?? label, times: ratio, label: times(ratio), isClaim: true, isEstimate: false };
  });
  const marks = [...measured, ...claimed];
  return { rows: [...new Set(marks.map(({ row }) => row))], marks };
}

function figure({ rows, marks }: Chart, words: Words): Figure {
  const said = rows.map((row) => {
    const [own, claims] = [
      marks.find((mark) => mark.row === row && !mark.isClaim),
      marks.filter((mark) => mark.row === row && mark.isClaim),
    ];
    return words.timeline.row(row, own?.label ?? null, claims.map(({ label }) => label).join(", ") || null);
  });
  return {
    kind: "figure",
    id: "timeline",
    title: words.timeline.figure,
    reading: words.timeline.reading,
    numbers: said,
    spec: (width) =>
      stagesChart(
        {
          rows,
          marks,
          title: words.axis.timesFaster,
          logarithmic: words.axis.logarithmic,
          measured: words.timeline.measured,
          claimed: words.timeline.claimed,
        },
        width,
      ),
  };
}

export const timeline: Section<RunSubject> = {
  id: "timeline",
  title: ({ timeline }) => timeline.title,
  applies: (subject) => chartOf(subject) !== null,
  render: (subject, words) => {
    const [chart, tables] = [chartOf(subject), timelineTables(subject.results)];
    if (chart === null || tables === null) return [];
    const { measuredHead, claimedHead, measuredTable, claimedTable, missing } = words.timeline;
    const stages = subject.results.run.timeline?.stages ?? [];
    const left = stages.filter(({ cellId }) => !subject.summaries.some(({ cell }) => cell.id === cellId));
    return [
      figure(chart, words),
      ...table(measuredTable, measuredHead, tables.measured.rows),
      ...(left.length === 0 ? [] : [paragraph(missing(left.map(({ label }) => label).join("; ")))]),
      ...table(claimedTable, claimedHead, tables.claimed.rows),
      ...list([tables.caution]),
    ];
  },
};
