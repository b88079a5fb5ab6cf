import { duration, ESTIMATE_MARK } from "../../../text/format.ts";
import type { CellSummary } from "../../../results/summary.ts";
import type { Figure } from "../block.ts";
import { dotsChart, type DotRow } from "../figures/dots.ts";
import type { Section } from "../section.ts";
import { cellName, describingSamples, timeText, wallOf, type RunSubject } from "../subject.ts";
import type { Words } from "../words/index.ts";

const MS_PER_S = 1_000;

/** The times of a cell as a row of dots. */
export function timeRow(subject: RunSubject, summary: CellSummary, words: Words, name = cellName(subject, summary)): DotRow {
  const { medianWallMs, minWallMs, maxWallMs, wallInterval, minEstimatedWallMs, maxEstimatedWallMs, status } = summary;
  const median = wallOf(summary);
  const [low, high] =
    medianWallMs === null
      ? [minEstimatedWallMs, maxEstimatedWallMs]
      : [wallInterval?.low ?? minWallMs, wallInterval?.high ?? maxWallMs];
  const seconds = (ms: number | null): number | null => (ms === null ? null : ms / MS_PER_S);
  return {
    name,
    library: summary.cell.orm,
    dots: describingSamples(subject, summary).flatMap(({ wallMs, estimatedWallMs }) => {
      const ms = wallMs ?? estimatedWallMs;
      return ms === null ? [] : [{ at: ms / MS_PER_S, isEstimate: wallMs === null }];
    }),
    median: seconds(median),
    low: seconds(low),
    high: seconds(high),
    label:
      median === null ? words.status[status] : medianWallMs === null ? `${ESTIMATE_MARK}${duration(median)}` : duration(median),
  };
}

function rangeText(subject: RunSubject, summary: CellSummary, words: Words): string {
  const { label, low, high } = timeRow(subject, summary, words);
  return low === null || high === null || low === high
    ? label
    : `${label} (${words.between({ low: low * MS_PER_S, high: high * MS_PER_S })})`;
}

function reading(subject: RunSubject, words: Words): string {
  const { summaries } = subject;
  const timed = summaries.filter((summary) => wallOf(summary) !== null);
  const [fastest, slowest] = [timed[0], timed.at(-1)];
  if (fastest === undefined || slowest === undefined) return words.samples.nothing;
  return words.samples.reading({
    cells: summaries.length,
    fastest: cellName(subject, fastest),
    fastestTime: timeText(fastest),
    slowest: cellName(subject, slowest),
    slowestTime: timeText(slowest),
    hasIntervals: summaries.some(({ wallInterval }) => wallInterval !== null),
    hasEstimates: summaries.some(({ estimatedWallMs, medianWallMs }) => medianWallMs === null && estimatedWallMs !== null),
  });
}

const figure = (subject: RunSubject, words: Words): Figure => ({
  kind: "figure",
  id: "samples",
  title: words.samples.figure,
  reading: reading(subject, words),
  numbers: subject.summaries.map((summary) => words.samples.row(cellName(subject, summary), rangeText(subject, summary, words))),
  spec: (width) =>
    dotsChart(
      {
        rows: subject.summaries.map((summary) => timeRow(subject, summary, words)),
        colours: subject.colours,
        title: words.axis.seconds,
        logarithmic: words.axis.logarithmic,
      },
      width,
    ),
});

export const samples: Section<RunSubject> = {
  id: "times",
  title: ({ samples }) => samples.title,
  applies: ({ summaries }) => summaries.length > 0,
  render: (subject, words) => [figure(subject, words)],
};
