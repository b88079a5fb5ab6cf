/** The rounds of several members over time: a row per member, and moments as vertical lines. */
import type { TopLevelSpec } from "vega-lite";
import { FAILED, frame, INK, NARROW, RULE, widthOf, type Layer } from "./frame.ts";

interface RoundBar {
  readonly row: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly colour: string;
}

export interface RoundsChart {
  /** in order */
  readonly rows: readonly string[];
  readonly bars: readonly RoundBar[];
  readonly moments: readonly { readonly atMs: number; readonly label: string }[];
  readonly title: string;
}

export const ROUND = "#5f6b7a";
export const LOCK = "#d98880";
export const SLOW = "#d0762b";

const ROW = 22;
const BAR = 13;
const LABEL_LINE = 14;
const MS_PER_S = 1_000;

export function roundsChart({ rows, bars, moments, title }: RoundsChart, width: number): TopLevelSpec {
  const left = Math.max(...rows.map((row) => widthOf(row))) + 14;
  const height = rows.length * ROW;
  const inner = width - left - 16;
  const ends = [...bars.map(({ toMs }) => toMs), ...moments.map(({ atMs }) => atMs)];
  const from = Math.min(0, ...moments.map(({ atMs }) => atMs)) / MS_PER_S;
  const to = (Math.max(1, ...ends) / MS_PER_S) * 1.01;
  const x = {
    type: "quantitative" as const,
    scale: { domain: [from, to], nice: false },
    axis: { title, grid: true, tickCount: width < NARROW ? 4 : 8 },
  };
  const y = { type: "quantitative" as const, scale: { domain: [0, height], reverse: true, nice: false }, axis: null };
  const placed = bars.map(({ row, fromMs, toMs, colour }) => {
    const top = rows.indexOf(row) * ROW + (ROW - BAR) / 2;
    return { from: Math.max(from, fromMs / MS_PER_S), to: toMs / MS_PER_S, top, bottom: top + BAR, colour };
  });
  const acts = moments.map(({ atMs, label }, index) => ({ at: atMs / MS_PER_S, label, dy: -6 - LABEL_LINE * index }));
  const layers: Layer[] = [
    {
      data: { values: rows.map((row, index) => ({ row, y: (index + 0.5) * ROW })) },
      mark: { type: "rule", color: RULE },
      encoding: { y: { ...y, field: "y" } },
    },
    {
      data: { values: rows.map((row, index) => ({ row, y: (index + 0.5) * ROW })) },
      mark: { type: "text", align: "right", baseline: "middle", dx: -8 },
      encoding: { x: { value: 0 }, y: { ...y, field: "y" }, text: { field: "row" } },
    },
    {
      data: { values: placed },
      // The gap between two rounds stays visible.
      mark: { type: "rect", opacity: 0.85, cornerRadius: 1 },
      encoding: {
        x: { ...x, field: "from" },
        x2: { field: "to" },
        y: { ...y, field: "top" },
        y2: { field: "bottom" },
        color: { field: "colour", type: "nominal", scale: null, legend: null },
      },
    },
    {
      data: { values: acts },
      mark: { type: "rule", color: FAILED, strokeWidth: 2 },
      encoding: { x: { ...x, field: "at" } },
    },
    ...acts.map(({ at, label, dy }): Layer => ({
      data: { values: [{ at, label }] },
      // on the right half, the label ends at its line and not beyond the chart
      mark: {
        type: "text",
        color: INK,
        align: at > (from + to) / 2 ? "right" : "left",
        dx: at > (from + to) / 2 ? -4 : 4,
        dy,
        baseline: "bottom",
      },
      encoding: { x: { ...x, field: "at" }, y: { value: 0 }, text: { field: "label" } },
    })),
  ];
  return {
    ...frame(width, { left, right: width - left - inner, top: 12 + acts.length * LABEL_LINE, bottom: 44 }, height),
    layer: layers,
  };
}
