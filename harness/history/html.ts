/** A history as one page, in the document of the reports: for phones, paper, and light and dark screens. */
import { list, paragraph, table, type Block, type Figure } from "../reporters/page/block.ts";
import { reportHtml } from "../reporters/page/html/document.ts";
import type { RenderedSection } from "../reporters/page/section.ts";
import { WORDS } from "../reporters/page/words/index.ts";
import { count } from "../text/format.ts";
import { seriesChart } from "./chart.ts";
import type { Metric } from "./metrics.ts";
import { changeText, leftOutText, withHistory, type HistoryView, type SeriesHistory } from "./view.ts";

const READING =
  "A point is the median of its samples, and the line through it their range. The red line is the level between changes. A dashed line is a change, with the ratio of the levels after and before it.";

const rangeOf = ({ series }: SeriesHistory): { low: number; high: number; last: number | null } => {
  const values = series.points.map(({ value }) => value);
  return { low: Math.min(...values), high: Math.max(...values), last: values.at(-1) ?? null };
};

function figureOf(history: SeriesHistory, metric: Metric, id: string): Figure {
  const { series, changes } = history;
  const { low, high, last } = rangeOf(history);
  return {
    kind: "figure",
    id,
    title: series.cell,
    reading: READING,
    numbers: [
      `${count(series.points.length)} points from ${metric.show(low)} to ${metric.show(high)}; the last one is ${metric.show(last)}.`,
      ...changes.map((change) => `${changeText(change, metric)}.`),
    ],
    spec: (width) => seriesChart(history, metric, width),
  };
}

function detailsOf({ series, changes }: SeriesHistory, metric: Metric): Block[] {
  return list([
    ...changes.map((change) =>
      [
        changeText(change, metric),
        `first run after it: ${change.after.run.folder}`,
        ...(change.together.length === 0 ? [] : [`changed together: ${change.together.join("; ")}`]),
      ].join("; "),
    ),
    ...(series.machines.length > 1 ? [`machines ${series.machines.join(", ")}`] : []),
  ]);
}

function sectionsOf({ histories, metric }: HistoryView): RenderedSection[] {
  return [...Map.groupBy(histories, ({ series }) => series.conditions)].map(([conditions, own], group): RenderedSection => {
    const shown = withHistory(own);
    const rows = shown.map((history) => {
      const { low, high, last } = rangeOf(history);
      const { series, changes } = history;
      const shownValues = [low, high, last].map((value) => metric.show(value));
      return [series.cell, count(series.points.length), ...shownValues, count(changes.length)];
    });
    return {
      id: `conditions-${group + 1}`,
      title: conditions,
      blocks: [
        ...table("Cells with a history", ["cell", "points", "lowest", "highest", "last", "changes"], rows),
        ...shown.flatMap((history, index) => [
          figureOf(history, metric, `series-${group + 1}-${index + 1}`),
          ...detailsOf(history, metric),
        ]),
        ...leftOutText(own.length, shown.length).map(paragraph),
      ],
    };
  });
}

function answerOf({ histories, metric }: HistoryView): string {
  const shown = withHistory(histories);
  const changed = shown.filter(({ changes }) => changes.length > 0).length;
  if (shown.length === 0) return "No cell has two points, and one point is no history.";
  return `The ${metric.title} changed in ${changed === 0 ? "none" : count(changed)} of ${count(shown.length)} series.`;
}

export function historyHtml(view: HistoryView): Promise<string> {
  const title = `History of ${view.metric.title}`;
  const answer = answerOf(view);
  const part = { id: "history", title, answer, facts: view.notes, sections: sectionsOf(view) };
  return reportHtml({ title, answer, together: [], parts: [part] }, "en", WORDS.en);
}
