/** A row per cell, divided into the parts of its time. */
import type { TopLevelSpec } from "vega-lite";
import { frame, INK, NARROW, ON_SHADE, SHADES, widthOf } from "./frame.ts";
import { wholePercent } from "../../../text/format.ts";

export interface CompositionRow {
  readonly name: string;
  /** the whole as text */
  readonly label: string;
  /** fractions in the order of the parts; together at most 1 */
  readonly fractions: readonly number[];
}

export interface CompositionChart {
  readonly parts: readonly string[];
  readonly rows: readonly CompositionRow[];
  readonly title: string;
}

const ROW = 26;
const ROW_WITH_LABEL = 40;
const BAR = 16;
/** Narrower parts have no text. */
const LABELLED_PIXELS = 34;
const PERCENT = 100;
/** Between two parts, in pixels. */
const GAP = 1;

export function compositionChart({ parts, rows, title }: CompositionChart, width: number): TopLevelSpec {
  const narrow = width < NARROW;
  const step = narrow ? ROW_WITH_LABEL : ROW;
  const middle = narrow ? step - 11 : step / 2;
  const left = narrow ? 6 : Math.max(...rows.map(({ name }) => widthOf(name))) + 14;
  const right = Math.max(...rows.map(({ label }) => widthOf(label))) + 16;
  const inner = width - left - right;
  const height = rows.length * step;
  const y = { type: "quantitative" as const, scale: { domain: [0, height], reverse: true, nice: false }, axis: null };
  const x = {
    type: "quantitative" as const,
    scale: { domain: [0, PERCENT], nice: false },
    axis: { title, grid: false, values: [0, 25, 50, 75, 100] },
  };
  const segments = rows.flatMap(({ fractions }, row) => {
    let from = 0;
    return fractions.map((fraction, index) => {
      const start = from;
      from += fraction * PERCENT;
      const top = row * step + middle - BAR / 2;
      return {
        part: parts[index],
        from: start,
        to: Math.max(start, from - (GAP / inner) * PERCENT),
        top,
        bottom: top + BAR,
        x: (start + from) / 2,
        y: row * step + middle,
        text: wholePercent(fraction),
        isLabelled: fraction * inner >= LABELLED_PIXELS,
      };
    });
  });
  const shades = { domain: [...parts], range: [...SHADES] };
  const names = rows.map(({ name, label }, index) => ({ name, label, y: index * step + middle }));
  return {
    ...frame(width, { left, right, top: narrow && parts.length > 3 ? 56 : 34, bottom: 44 }, height),
    layer: [
      {
        data: { values: segments },
        mark: { type: "rect" },
        encoding: {
          x: { ...x, field: "from" },
          x2: { field: "to" },
          y: { ...y, field: "top" },
          y2: { field: "bottom" },
          color: {
            field: "part",
            type: "nominal",
            sort: null,
            scale: shades,
            legend: {
              title: null,
              symbolType: "square",
              orient: "none",
              legendX: 0,
              legendY: narrow && parts.length > 3 ? -52 : -30,
              direction: "horizontal",
              columns: narrow ? 3 : parts.length,
            },
          },
        },
      },
      {
        data: { values: segments.filter(({ isLabelled }) => isLabelled) },
        mark: { type: "text", baseline: "middle", fontSize: 10, color: ON_SHADE },
        encoding: {
          x: { ...x, field: "x" },
          y: { ...y, field: "y" },
          text: { field: "text" },
        },
      },
      {
        data: { values: names },
        mark: narrow
          ? { type: "text", align: "left", baseline: "bottom", dy: -10 }
          : { type: "text", align: "right", baseline: "middle", dx: -8 },
        encoding: { x: { value: 0 }, y: { ...y, field: "y" }, text: { field: "name" } },
      },
      {
        data: { values: names },
        mark: { type: "text", align: "left", baseline: "middle", dx: 8, color: INK },
        encoding: { x: { value: inner }, y: { ...y, field: "y" }, text: { field: "label" } },
      },
    ],
  };
}
