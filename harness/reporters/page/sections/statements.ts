import { count } from "../../../text/format.ts";
import { statementsText, costExplanations } from "../../parts/explanations.ts";
import { table, type Figure } from "../block.ts";
import { scatterChart, type ScatterPoint } from "../figures/scatter.ts";
import type { Section } from "../section.ts";
import { cellName, timeText, wallOf, type RunSubject } from "../subject.ts";
import type { Words } from "../words/index.ts";

const MS_PER_S = 1_000;
const MIN_POINTS = 2;

/** A cell that a limit stopped sends the rest of its statements at the same pace. */
function pointsOf({ summaries }: RunSubject): ScatterPoint[] {
  return summaries.flatMap((summary) => {
    const { cell, statements, doneFraction, medianWallMs, wallInterval, minWallMs, maxWallMs } = summary;
    const wallMs = wallOf(summary);
    if (wallMs === null || statements === null || statements === 0) return [];
    const isEstimate = medianWallMs === null;
    if (isEstimate && (doneFraction ?? 0) === 0) return [];
    const [low, high] = isEstimate
      ? [summary.minEstimatedWallMs, summary.maxEstimatedWallMs]
      : [wallInterval?.low ?? minWallMs, wallInterval?.high ?? maxWallMs];
    return [
      {
        technique: cell.strategy,
        library: cell.orm,
        x: isEstimate ? statements / (doneFraction ?? 1) : statements,
        y: wallMs / MS_PER_S,
        low: (low ?? wallMs) / MS_PER_S,
        high: (high ?? wallMs) / MS_PER_S,
        isEstimate,
      },
    ];
  });
}

function figure(subject: RunSubject, points: readonly ScatterPoint[], words: Words): Figure {
  const most = points.toSorted((a, b) => b.x - a.x)[0];
  const fewest = points.toSorted((a, b) => a.x - b.x)[0];
  const used = new Map([...subject.colours].filter(([library]) => points.some((point) => point.library === library)));
  return {
    kind: "figure",
    id: "statements",
    title: words.statements.figure,
    reading: words.statements.reading,
    numbers:
      most === undefined || fewest === undefined
        ? []
        : [
            words.statements.range(
              `${fewest.technique} · ${fewest.library}`,
              count(fewest.x),
              `${most.technique} · ${most.library}`,
              count(most.x),
            ),
          ],
    spec: (width) =>
      scatterChart(
        {
          points,
          xTitle: words.axis.statements,
          yTitle: words.axis.seconds,
          logarithmic: words.axis.logarithmic,
          libraryTitle: words.axis.library,
          colours: used,
        },
        width,
      ),
  };
}

export const statements: Section<RunSubject> = {
  id: "statements",
  title: ({ statements }) => statements.title,
  applies: (subject) => pointsOf(subject).length >= MIN_POINTS,
  render: (subject, words) => [
    figure(subject, pointsOf(subject), words),
    ...table(
      words.statements.table,
      [words.column.cell, words.column.time, words.column.statements],
      costExplanations(subject.summaries).map(({ summary, costs }) => [
        cellName(subject, summary),
        timeText(summary),
        statementsText(summary, costs),
      ]),
    ),
  ],
};
