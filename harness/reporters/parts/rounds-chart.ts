/** Charts of the rounds of several members over time: bars in one row per member, and rules at moments. */
import type { TopLevelSpec } from "vega-lite";
import { FAILED } from "./colours.ts";

export const MS_PER_S = 1_000;
export const ROUNDS_WIDTH = 840;
export const MEMBER_HEIGHT = 18;
/** One member looks like another one: a chart shows who is at work, not who it is. */
export const ROUND = "#7a7a7a";

export type Panel = Extract<TopLevelSpec, { vconcat: unknown }>["vconcat"][number];
type Layer = Extract<Panel, { layer: unknown }>["layer"][number];

/** The time of all layers of a panel. @param domain in seconds */
export const secondsAxis = (domain: readonly [from: number, to: number], title: string) => ({
  type: "quantitative" as const,
  scale: { domain: [...domain], nice: false },
  title,
});
type SecondsAxis = ReturnType<typeof secondsAxis>;

export interface Bar {
  /** the name of its row */
  readonly row: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** users of a round, for the tooltip */
  readonly users?: number;
}

/** @param rows in their order; absent: sorted by name */
export const barLayer = (
  bars: readonly Bar[],
  x: SecondsAxis,
  style: Readonly<Record<string, unknown>>,
  rows?: readonly string[],
): Layer => ({
  data: { values: bars.map(({ row, fromMs, toMs, users }) => ({ row, from: fromMs / MS_PER_S, to: toMs / MS_PER_S, users })) },
  // The gap between two rounds stays visible.
  mark: { type: "bar", height: { band: 0.7 }, stroke: "white", strokeWidth: 0.5, ...style },
  encoding: {
    y: {
      field: "row",
      type: "nominal",
      title: null,
      axis: { ticks: false, domain: false },
      ...(rows === undefined ? {} : { scale: { domain: [...rows] } }),
    },
    x: { ...x, field: "from" },
    x2: { field: "to" },
    tooltip: [{ field: "users", type: "quantitative" }],
  },
});

/** Vertical lines at moments, in seconds. */
export const ruleLayer = (moments: readonly number[], x: SecondsAxis, style: Readonly<Record<string, unknown>> = {}): Layer => ({
  data: { values: moments.map((at) => ({ at })) },
  mark: { type: "rule", color: FAILED, strokeWidth: 2, ...style },
  encoding: { x: { ...x, field: "at" } },
});
