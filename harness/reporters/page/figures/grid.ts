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
const EDGE = 4;
const EMPTY = "#ffffff";
/** Of names that are wider than their fields: on a phone, "mikro-orm" takes 46 px of the 35 px of one of nine libraries. */
const TILT = -45;
const SLOPE = Math.SQRT1_2;
const GAP = 4;
const SMALLEST_FONT = 8;
/** Smaller by this, a text on one line reads better than one on two lines. */
const ONE_LINE = 1;

interface Heads {
  readonly angle: number;
  readonly top: number;
  /** beside the last field, for the end of a tilted name */
  readonly right: number;
}

/** @param room for all fields and the margin at their right */
function headsOf(columns: readonly string[], room: number, size: number): Heads {
  const widths = columns.map((label) => widthOf(label, size));
  const longest = Math.max(...widths);
  if (longest + GAP <= (room - EDGE) / columns.length) return { angle: 0, top: HEAD, right: EDGE };
  // a name starts in the middle of its field; a wider margin makes the fields narrower
  const beyond = widths.map((width, index) => {
    const before = (index + 0.5) / columns.length;
    return (width * SLOPE + size / 2 - room * (1 - before)) / before;
  });
  return { angle: TILT, top: Math.ceil(longest * SLOPE + size) + 6, right: Math.ceil(Math.max(EDGE, ...beyond)) };
}

/** `8.12` above `s`, where `8.12 s` is wider than a field: neighbours would run into one another. */
const linesOf = (label: string, size: number, width: number): string[] =>
  label.split(" ").reduce<string[]>((lines, word) => {
    const last = lines.at(-1);
    const longer = `${last} ${word}`;
    return last !== undefined && widthOf(longer, size) <= width ? [...lines.slice(0, -1), longer] : [...lines, word];
  }, []);

/** The size in which each of the lines fits. */
function fittingSize(lines: readonly string[], size: number, width: number): number {
  const longest = Math.max(0, ...lines.map((line) => widthOf(line, size)));
  return longest <= width ? size : Math.max(SMALLEST_FONT, Math.floor((size * width) / longest));
}

export function gridChart({ rows, columns, fields }: GridChart, width: number): TopLevelSpec {
  const narrow = width < NARROW;
  const step = narrow ? ROW_WITH_LABEL : ROW;
  const above = narrow ? 20 : 0;
  const left = narrow ? 4 : Math.max(...rows.map((row) => widthOf(row))) + 14;
  const headSize = columns.length > 5 && narrow ? 9 : 12;
  const heads = headsOf(columns, width - left, headSize);
  const inner = width - left - heads.right;
  const field = inner / columns.length;
  const height = rows.length * step;
  const y = { type: "quantitative" as const, scale: { domain: [0, height], reverse: true, nice: false }, axis: null };
  const x = { type: "quantitative" as const, scale: { domain: [0, inner], nice: false }, axis: null };
  const size = narrow && columns.length > 4 ? 10 : 12;
  const lineHeight = size + 2;
  const boxes = fields.map(({ row, column, label, step: shade }) => {
    const [top, start] = [rows.indexOf(row) * step + above, columns.indexOf(column) * field];
    const lines = linesOf(label, size - ONE_LINE, field - GAP);
    return {
      label: lines.join("\n"),
      fontSize: fittingSize(lines, size, field - GAP),
      colour: shade === null ? EMPTY : (STEPS[shade] ?? EMPTY),
      isEmpty: shade === null,
      left: start + 1,
      right: start + field - 1,
      top,
      bottom: top + step - above - 2,
      x: start + field / 2,
      // Vega puts the first line of a text at its place
      y: top + (step - above - 2) / 2 - ((lines.length - 1) * lineHeight) / 2,
    };
  });
  return {
    ...frame(width, { left, right: heads.right, top: heads.top, bottom: EDGE }, height),
    layer: [
      {
        data: { values: columns.map((label, index) => ({ label, x: (index + 0.5) * field })) },
        mark: {
          type: "text",
          color: INK,
          fontSize: headSize,
          angle: heads.angle,
          ...(heads.angle === 0 ? { baseline: "bottom" as const } : { align: "left" as const, baseline: "middle" as const }),
        },
        encoding: { x: { ...x, field: "x" }, y: { value: -6 }, text: { field: "label" } },
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
        mark: { type: "text", baseline: "middle", lineHeight, lineBreak: "\n" },
        encoding: {
          x: { ...x, field: "x" },
          y: { ...y, field: "y" },
          text: { field: "label" },
          size: { field: "fontSize", type: "quantitative", scale: null, legend: null },
          color: { condition: { test: "datum.isEmpty", value: MUTED }, value: INK },
        },
      },
    ],
  };
}
