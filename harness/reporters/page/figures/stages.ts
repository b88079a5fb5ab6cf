/** How many times faster than the first stage: measured stages as dots, published claims as diamonds in the same rows. */
import type { TopLevelSpec } from "vega-lite";
import { frame, INK, MUTED, NARROW, quantity, RULE, widthOf, type Layer } from "./frame.ts";

export interface StageMark {
  readonly row: string;
  readonly times: number;
  readonly label: string;
  readonly isClaim: boolean;
  readonly isEstimate: boolean;
}

export interface StagesChart {
  /** in order */
  readonly rows: readonly string[];
  readonly marks: readonly StageMark[];
  readonly title: string;
  readonly logarithmic: string;
  readonly measured: string;
  readonly claimed: string;
}

const ROW = 38;
const ROW_WITH_LABEL = 58;
const MEASURED = "#0072b2";
const CLAIMED = "#d55e00";

export function stagesChart(chart: StagesChart, width: number): TopLevelSpec {
  const { rows, marks, title, logarithmic, measured, claimed } = chart;
  const narrow = width < NARROW;
  const step = narrow ? ROW_WITH_LABEL : ROW;
  const middle = narrow ? step - 20 : step / 2;
  const left = narrow ? 6 : Math.max(...rows.map((row) => widthOf(row))) + 14;
  const right = 46;
  const inner = width - left - right;
  const height = rows.length * step;
  const x = quantity(
    marks.map(({ times }) => times),
    title,
    logarithmic,
    inner,
  );
  const y = { field: "y", type: "quantitative" as const, scale: { domain: [0, height], reverse: true, nice: false }, axis: null };
  const yOf = (row: string): number => rows.indexOf(row) * step + middle;
  const placed = marks.map((mark) => ({ ...mark, kind: mark.isClaim ? claimed : measured, y: yOf(mark.row) }));
  const kinds = { domain: [measured, claimed], range: [MEASURED, CLAIMED] };
  // the two ratios of a row can be close: one stands above its mark, and one below
  const label = (isClaim: boolean): Layer => ({
    data: { values: placed.filter((mark) => mark.isClaim === isClaim) },
    mark: { type: "text", dy: isClaim ? 13 : -12, baseline: "middle", fontSize: 10, color: isClaim ? MUTED : INK },
    encoding: { x: { ...x, field: "times" }, y, text: { field: "label" } },
  });
  return {
    ...frame(width, { left, right, top: 34, bottom: 44 }, height),
    layer: [
      {
        data: { values: rows.map((row) => ({ row, y: yOf(row) })) },
        mark: { type: "rule", color: RULE },
        encoding: { y },
      },
      {
        data: { values: rows.map((row) => ({ row, y: yOf(row) })) },
        mark: narrow
          ? { type: "text", align: "left", baseline: "bottom", dy: -18, fontSize: 11 }
          : { type: "text", align: "right", baseline: "middle", dx: -8 },
        encoding: { x: { value: 0 }, y, text: { field: "row" } },
      },
      {
        data: { values: placed },
        mark: { type: "point", size: 70, strokeWidth: 1.8, opacity: 1 },
        encoding: {
          x: { ...x, field: "times" },
          y,
          color: {
            field: "kind",
            type: "nominal",
            scale: kinds,
            legend: { title: null, orient: "none", legendX: 0, legendY: -30, direction: "horizontal" },
          },
          shape: { field: "kind", type: "nominal", scale: { domain: kinds.domain, range: ["circle", "diamond"] } },
          fillOpacity: { condition: { test: "datum.isEstimate", value: 0 }, value: 1 },
        },
      },
      label(false),
      label(true),
    ],
  };
}
