/** The chart of a series: its points with their ranges, the level between changes, and a line at each change. */
import type { TopLevelSpec } from "vega-lite";
import { frame, INK, widthOf } from "../reporters/page/figures/frame.ts";
import { count, times } from "../text/format.ts";
import type { Metric } from "./metrics.ts";
import type { SeriesHistory } from "./view.ts";

const HEIGHT = 180;
const MEASURED = "#0072b2";
const CHANGED = "#c0392b";
/** Of the labels of the axes, as `frame.ts` sets it. */
const LABEL_SIZE = 11;
/** The title of the y axis and the spaces around it. */
const Y_TITLE = 34;
const LABEL_GAP = 14;
const FEWEST_LABELS = 2;

/** Positions of the labels: those of 150 nights would cover one another. */
function labelled(labels: readonly string[], inner: number, widest: number): number[] {
  const most = Math.max(FEWEST_LABELS, Math.floor(inner / (widest + LABEL_GAP)));
  const every = Math.max(1, Math.ceil((labels.length - 1) / (most - 1)));
  return labels.flatMap((_, index) => (index % every === 0 ? [index] : []));
}

/** @param width of the whole chart in pixels */
export function seriesChart({ series, changes }: SeriesHistory, metric: Metric, width: number): TopLevelSpec {
  const { points } = series;
  const unit = metric.unitOf(points.map(({ high }) => high));
  const scaled = (value: number): number => value / (unit?.size ?? 1);
  const suffix = unit === null ? "" : ` ${unit.name}`;
  const starts = [0, ...changes.map(({ index }) => index)];
  const values = points.map(({ value, low, high }, index) => {
    const segment = starts.findLastIndex((start) => start <= index);
    const level = changes[segment]?.from ?? changes[segment - 1]?.to ?? null;
    return {
      index,
      value: scaled(value),
      low: scaled(low),
      high: scaled(high),
      segment,
      level: level === null ? null : scaled(level),
    };
  });
  const labels = points.map(({ label }) => label);
  const widest = Math.max(...labels.map((label) => widthOf(label, LABEL_SIZE)));
  const half = widest / 2 + 4;
  const longest = `${count(scaled(Math.max(...points.map(({ high }) => high))))}.00${suffix}`;
  const left = Math.max(half, widthOf(longest, LABEL_SIZE) + Y_TITLE);
  const x = {
    field: "index",
    type: "quantitative" as const,
    scale: { domain: [0, points.length - 1], nice: false },
    axis: {
      title: null,
      grid: false,
      values: labelled(labels, width - left - half, widest),
      // Vega estimates wider texts, and left out all but two labels
      labelFlush: false,
      labelOverlap: false,
      // two points of different runs can have one label
      labelExpr: `${JSON.stringify(labels)}[datum.value]`,
    },
  };
  const y = {
    type: "quantitative" as const,
    scale: { zero: false },
    axis: {
      title: unit === null ? metric.title : `${metric.title} in ${unit.name}`,
      grid: true,
      tickCount: 5,
      format: ",~r",
      labelExpr: `datum.label + ${JSON.stringify(suffix)}`,
    },
  };
  const atChanges = changes.map(({ index, ratio }) => ({ index, label: times(ratio) }));
  return {
    ...frame(width, { left, right: half, top: 22, bottom: 26 }, HEIGHT),
    data: { values },
    layer: [
      {
        data: { values: atChanges },
        mark: { type: "rule", color: CHANGED, strokeDash: [4, 3] },
        encoding: { x },
      },
      {
        data: { values: atChanges },
        mark: { type: "text", baseline: "bottom", color: INK, fontSize: LABEL_SIZE },
        encoding: { x, y: { value: -4 }, text: { field: "label" } },
      },
      {
        mark: { type: "rule", color: MEASURED },
        encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" } },
      },
      {
        mark: { type: "point", filled: true, size: 24, opacity: 1, color: MEASURED },
        encoding: { x, y: { ...y, field: "value" } },
      },
      {
        transform: [{ filter: "datum.level !== null" }],
        mark: { type: "line", color: CHANGED, strokeWidth: 1.6 },
        encoding: { x, y: { ...y, field: "level" }, detail: { field: "segment", type: "nominal" } },
      },
    ],
  };
}
