/** A heat map: libraries as columns, techniques as rows, with the time in each field. */
import type { TopLevelSpec } from "vega-lite";
import { frame, INK, MUTED, NARROW, STEPS, widthOf } from "./frame.ts";

export interface Field {
  readonly row: string;
  readonly column: string;
  readonly label: string;
  /** index of the shade; null: no time */
  readonly step: number | null;
}

export interface GridChart {
  /** in order */
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly fields: readonly Field[];
}

const ROW = 34;
const ROW_WITH_LABEL = 52;
const HEAD = 26;
const EMPTY = "#ffffff";

export function gridChart({ rows, columns, fields }: GridChart, width: number): TopLevelSpec {
  const narrow = width < NARROW;
  const step = narrow ? ROW_WITH_LABEL : ROW;
  const above = narrow ? 20 : 0;
  const left = narrow ? 4 : Math.max(...rows.map((row) => widthOf(row))) + 14;
  const inner = width - left - 4;
  const field = inner / columns.length;
  const height = rows.length * step;
  const y = { type: "quantitative" as const, scale: { domain: [0, height], reverse: true, nice: false }, axis: null };
  const x = { type: "quantitative" as const, scale: { domain: [0, inner], nice: false }, axis: null };
  const boxes = fields.map(({ row, column, label, step: shade }) => {
    const [top, start] = [rows.indexOf(row) * step + above, columns.indexOf(column) * field];
    return {
      label,
      colour: shade === null ? EMPTY : (STEPS[shade] ?? EMPTY),
      isEmpty: shade === null,
      left: start + 1,
      right: start + field - 1,
      top,
      bottom: top + step - above - 2,
      x: start + field / 2,
      y: top + (step - above - 2) / 2,
    };
  });
  return {
    ...frame(width, { left, right: 4, top: HEAD, bottom: 4 }, height),
    layer: [
      {
        data: { values: columns.map((label, index) => ({ label, x: (index + 0.5) * field })) },
        mark: { type: "text", baseline: "bottom", dy: -6, color: INK, fontSize: columns.length > 5 && narrow ? 9 : 12 },
        encoding: { x: { ...x, field: "x" }, y: { value: 0 }, text: { field: "label" } },
      },
      {
        data: { values: rows.map((label, index) => ({ label, y: index * step + (narrow ? above - 5 : step / 2 - 1) })) },
        mark: narrow
          ? { type: "text", align: "left", baseline: "bottom" }
          : { type: "text", align: "right", baseline: "middle", dx: -8 },
        encoding: { x: { value: 0 }, y: { ...y, field: "y" }, text: { field: "label" } },
      },
      {
        data: { values: boxes.filter(({ isEmpty }) => !isEmpty) },
        mark: { type: "rect", cornerRadius: 3 },
        encoding: {
          x: { ...x, field: "left" },
          x2: { field: "right" },
          y: { ...y, field: "top" },
          y2: { field: "bottom" },
          color: { field: "colour", type: "nominal", scale: null, legend: null },
        },
      },
      {
        data: { values: boxes },
        mark: { type: "text", baseline: "middle", fontSize: narrow && columns.length > 4 ? 10 : 12 },
        encoding: {
          x: { ...x, field: "x" },
          y: { ...y, field: "y" },
          text: { field: "label" },
          color: { condition: { test: "datum.isEmpty", value: MUTED }, value: INK },
        },
      },
    ],
  };
}
