/** A history as text, CSV and data. */
import { stringify } from "csv-stringify/sync";
import { csvNumber, times } from "../text/format.ts";
import { layOut, proseColumns, style, wrap } from "../text/layout.ts";
import type { Change } from "./changes.ts";
import type { Metric } from "./metrics.ts";
import type { Series } from "./series.ts";

export interface SeriesHistory {
  readonly series: Series;
  readonly changes: readonly Change[];
}

export interface HistoryView {
  readonly metric: Metric;
  readonly histories: readonly SeriesHistory[];
  /** about all series */
  readonly notes: readonly string[];
}

const BARS = "▁▂▃▄▅▆▇█";
/** The newest points: a longer line does not fit beside the numbers. */
const SPARK_POINTS = 24;

/** `▁▁▇█` from the lowest to the highest value; equal values are one level. */
export function sparkline(values: readonly number[]): string {
  const shown = values.slice(-SPARK_POINTS);
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  return shown
    .map((value) => BARS[high === low ? 0 : Math.round(((value - low) / (high - low)) * (BARS.length - 1))] ?? "")
    .join("");
}

export const changeText = ({ before, after, from, to, ratio, p }: Change, metric: Metric): string =>
  `${before.label} -> ${after.label}: ${metric.show(from)} -> ${metric.show(to)} (${times(ratio)}${p === null ? ", counted" : `, p = ${p}`})`;

/** Series with a second point. */
export const withHistory = (histories: readonly SeriesHistory[]): SeriesHistory[] =>
  histories.filter(({ series }) => series.points.length > 1);

/** About the series that tables and charts leave out. */
export function leftOutText(all: number, shown: number): string[] {
  const single = all - shown;
  return single === 0
    ? []
    : [`${single} ${single === 1 ? "cell has" : "cells have"} one point, and no history; --json has them.`];
}

function seriesLines({ series, changes }: SeriesHistory, metric: Metric): string[] {
  const machines = series.machines.length > 1 ? [`machines ${series.machines.join(", ")}`] : [];
  return [
    ...changes.flatMap((change) => [
      `  ${changeText(change, metric)}`,
      `    first run after it: ${change.after.run.folder}`,
      ...(change.together.length === 0 ? [] : [`    changed together: ${change.together.join("; ")}`]),
    ]),
    ...machines.map((line) => `  ${line}`),
  ];
}

/** @param columns of the terminal; null: any width */
export function historyText({ metric, histories, notes }: HistoryView, colour: boolean, columns: number | null): string {
  const groups = [...Map.groupBy(histories, ({ series }) => series.conditions)];
  const fit = (line: string): string => (columns === null ? line : wrap(line, proseColumns(columns), "      "));
  const blocks = groups.map(([conditions, own]) => {
    const shown = withHistory(own);
    const rows = shown.map(({ series: { cell, points }, changes }) => {
      const values = points.map(({ value }) => value);
      const range = `${metric.show(Math.min(...values))} - ${metric.show(Math.max(...values))}`;
      const last = metric.show(values.at(-1) ?? null);
      return { cells: [cell, String(points.length), sparkline(values), range, last, String(changes.length)], below: null };
    });
    const table = layOut(
      ["cell", "points", `${metric.title}, oldest first`, "range", "last", "changes"],
      ["left", "right", "left", "right", "right", "right"],
      rows,
      colour,
    );
    const found = own.filter(({ changes, series }) => changes.length > 0 || series.machines.length > 1);
    const details = found.flatMap((history) => [history.series.cell, ...seriesLines(history, metric)]);
    return [
      fit(style("bold", conditions, colour)),
      ...(rows.length === 0 ? [] : [table]),
      ...[...details, ...leftOutText(own.length, shown.length)].map(fit),
    ].join("\n");
  });
  return [...blocks, notes.map(fit).join("\n")].filter((block) => block !== "").join("\n\n");
}

const HEAD = [
  "cell",
  "conditions",
  "point",
  "started_at",
  "commit",
  "library_version",
  "metric",
  "value",
  "low",
  "high",
  "samples",
  "is_change",
  "change_ratio",
  "change_p",
  "run",
];

/** A row per point; times in ms, memory in bytes. */
export function historyCsv({ metric, histories }: HistoryView): string {
  const rows = histories.flatMap(({ series: { cell, conditions, points }, changes }) =>
    points.map((point, index) => {
      const change = changes.find((each) => each.index === index);
      const { run } = point.run.results;
      return [
        cell,
        conditions,
        point.label,
        run.startedAt,
        run.environment.gitCommit ?? "",
        point.ormVersion ?? "",
        metric.title,
        csvNumber(point.value),
        csvNumber(point.low),
        csvNumber(point.high),
        point.samples,
        change !== undefined,
        csvNumber(change?.ratio),
        csvNumber(change?.p),
        point.run.folder,
      ];
    }),
  );
  return stringify([HEAD, ...rows], { cast: { boolean: String } });
}

export const historyData = ({ metric, histories, notes }: HistoryView): object => ({
  metric: metric.title,
  notes,
  series: histories.map(({ series, changes }) => ({
    ...series,
    points: series.points.map((point) => ({ ...point, run: point.run.folder })),
    changes: changes.map((change) => ({ ...change, before: change.before.label, after: change.after.label })),
  })),
});
