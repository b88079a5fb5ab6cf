/** A row per cell: every sample as a dot, the median as a tick, and its interval or range as a line. */
import type { TopLevelSpec } from "vega-lite";
import { colourScale } from "../../parts/vega.ts";
import { FAILED, frame, INK, NARROW, quantity, RULE, widthOf, type Layer } from "./frame.ts";

interface Dot {
  readonly at: number;
  readonly isEstimate: boolean;
}

export interface DotRow {
  readonly name: string;
  readonly library: string;
  /** in the order of the rounds */
  readonly dots: readonly Dot[];
  readonly median: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** the median as text, or the status of a row without one */
  readonly label: string;
}

export interface DotsChart {
  readonly rows: readonly DotRow[];
  /** library -> colour */
  readonly colours: ReadonlyMap<string, string>;
  readonly title: string;
  /** marks a logarithmic axis */
  readonly logarithmic: string;
  /** false: the dots are no samples in the order of rounds, and lie on the line of the row */
  readonly isSpread?: boolean;
}

const ROW = 26;
const ROW_WITH_LABEL = 40;
const MOST_LABEL = 280;
/** The dots of the first and of the last round, above and below the middle of a row. */
const SPREAD = 7;

export function dotsChart({ rows, colours, title, logarithmic, isSpread = true }: DotsChart, width: number): TopLevelSpec {
  const longest = Math.max(...rows.map(({ name }) => widthOf(name)));
  // a label that takes the place of the dots stands above them
  const narrow = width < NARROW || longest > MOST_LABEL;
  const step = narrow ? ROW_WITH_LABEL : ROW;
  const middle = narrow ? step - 13 : step / 2;
  const left = narrow ? 6 : longest + 14;
  const right = Math.max(...rows.map(({ label }) => widthOf(label))) + 16;
  const height = rows.length * step;
  const inner = width - left - right;
  const values = rows.flatMap(({ dots, low, high }) => [...dots.map(({ at }) => at), ...[low, high].filter((at) => at !== null)]);
  const x = quantity(values.length === 0 ? [0, 1] : values, title, logarithmic, inner);
  const scale = { domain: [0, height], reverse: true, nice: false };
  const y = { field: "y", type: "quantitative" as const, scale, axis: null };
  const placed = rows.map((row, index) => ({ ...row, y: index * step + middle, dots: undefined }));
  const dots = rows.flatMap(({ dots, library }, row) =>
    dots.map(({ at, isEstimate }, index) => ({
      at,
      isEstimate,
      library,
      y: row * step + middle + (dots.length < 2 || !isSpread ? 0 : (2 * index) / (dots.length - 1) - 1) * SPREAD,
    })),
  );
  const color = { field: "library", type: "nominal" as const, legend: null, scale: colourScale(colours) };
  const timed = placed.filter(({ median }) => median !== null);
  const layers: Layer[] = [
    { data: { values: placed.map(({ y }) => ({ y })) }, mark: { type: "rule", color: RULE }, encoding: { y } },
    {
      data: { values: placed },
      mark: narrow
        ? { type: "text", align: "left", baseline: "bottom", dy: -9 }
        : { type: "text", align: "right", baseline: "middle", dx: -8 },
      encoding: { x: { value: 0 }, y, text: { field: "name" } },
    },
    {
      data: { values: timed },
      mark: { type: "rule", strokeWidth: 6, strokeCap: "round", opacity: 0.3 },
      encoding: { y, x: { ...x, field: "low" }, x2: { field: "high" }, color },
    },
    {
      data: { values: dots.filter(({ isEstimate }) => !isEstimate) },
      mark: { type: "circle", size: 26, opacity: 0.9 },
      encoding: { y, x: { ...x, field: "at" }, color },
    },
    {
      data: { values: dots.filter(({ isEstimate }) => isEstimate) },
      mark: { type: "point", size: 26, strokeWidth: 1.4, filled: false },
      encoding: { y, x: { ...x, field: "at" }, color },
    },
    {
      data: { values: timed },
      mark: { type: "tick", orient: "vertical", size: 18, thickness: 2, color: INK },
      encoding: { y, x: { ...x, field: "median" } },
    },
    {
      data: { values: timed },
      mark: { type: "text", align: "left", baseline: "middle", dx: 8 },
      encoding: { x: { value: inner }, y, text: { field: "label" } },
    },
    {
      data: { values: placed.filter(({ median }) => median === null) },
      mark: { type: "text", align: "left", baseline: "middle", dx: 8, color: FAILED },
      encoding: { x: { value: inner }, y, text: { field: "label" } },
    },
  ];
  return { ...frame(width, { left, right, top: 6, bottom: 44 }, height), layer: layers };
}
