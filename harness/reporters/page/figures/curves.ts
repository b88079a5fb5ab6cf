/** Small panels with a line per library over an axis: points with their range, the best point, and the places of failures. */
import type { TopLevelSpec } from "vega-lite";
import { colourScale } from "../../parts/vega.ts";
import { FAILED, INK, isWide, NARROW, panels, quantity } from "./frame.ts";

export interface CurvePoint {
  readonly panel: string;
  readonly library: string;
  readonly at: number;
  /** null: the point failed */
  readonly seconds: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly isBest: boolean;
  /** only the point, which no line joins */
  readonly isEstimate: boolean;
}

export interface CurveLine {
  readonly panel: string;
  readonly library: string;
  readonly at: number;
  readonly seconds: number;
}

export interface CurvesChart {
  readonly points: readonly CurvePoint[];
  /** fitted lines; null: the lines join the points */
  readonly lines: readonly CurveLine[] | null;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly logarithmic: string;
  readonly colours: ReadonlyMap<string, string>;
  /** title of the legend of libraries */
  readonly libraryTitle: string;
}

const HEIGHT = 170;
const AXES_WIDTH = 62;
const MOST_COLUMNS = 3;

export function curvesChart(chart: CurvesChart, width: number): TopLevelSpec {
  const { points, lines, xTitle, yTitle, logarithmic, colours, libraryTitle } = chart;
  const titles = [...new Set(points.map(({ panel }) => panel))];
  const columns = width < NARROW ? 1 : Math.min(MOST_COLUMNS, titles.length);
  const inner = Math.floor((width - 8) / columns) - AXES_WIDTH;
  const times = points.flatMap(({ seconds, low, high }) => [seconds, low, high].filter((value) => value !== null));
  const y = quantity(times.length === 0 ? [1] : times, yTitle, logarithmic, HEIGHT);
  const ats = [...new Set(points.map(({ at }) => at))].toSorted((a, b) => a - b);
  const x = {
    type: "quantitative" as const,
    scale: isWide(ats)
      ? { type: "log" as const, nice: false, padding: 8 }
      : { nice: false, padding: 8, domain: [Math.min(0, ...ats), Math.max(...ats)] },
    axis: {
      title: isWide(ats) ? `${xTitle}, ${logarithmic}` : xTitle,
      grid: false,
      values: ats,
      format: ",~r",
      labelOverlap: "parity" as const,
    },
  };
  const several = new Set(points.map(({ library }) => library)).size > 1;
  const legend = several ? { title: libraryTitle } : null;
  const color = { field: "library", type: "nominal" as const, scale: colourScale(colours), legend };
  // failed points lie on the upper edge
  const top = times.length === 0 ? 1 : Math.max(...times);
  const rows = [
    ...points.map((point) => ({ ...point, kind: point.seconds === null ? "failed" : "point", seconds: point.seconds ?? top })),
    ...(lines ?? points.filter(({ seconds, isEstimate }) => seconds !== null && !isEstimate)).map((line) => ({
      ...line,
      kind: "line",
    })),
  ];
  return {
    ...panels,
    data: { values: rows },
    facet: { field: "panel", type: "nominal", sort: titles, header: { labelAnchor: "start", labelFontWeight: "bold" } },
    columns,
    spacing: { row: 24, column: 12 },
    spec: {
      width: inner,
      height: HEIGHT,
      layer: [
        {
          transform: [{ filter: "datum.kind === 'line'" }],
          mark: { type: "line", strokeWidth: 1.6 },
          encoding: { x: { ...x, field: "at" }, y: { ...y, field: "seconds" }, color },
        },
        {
          transform: [{ filter: "datum.kind === 'point' && datum.low < datum.high" }],
          mark: { type: "rule", strokeWidth: 4, strokeCap: "round", opacity: 0.3 },
          encoding: { x: { ...x, field: "at" }, y: { ...y, field: "low" }, y2: { field: "high" }, color },
        },
        ...[false, true].map((isEstimate) => ({
          transform: [{ filter: `datum.kind === 'point' && ${isEstimate ? "" : "!"}datum.isEstimate` }],
          mark: { type: "point" as const, size: 34, strokeWidth: 1.5, filled: !isEstimate, opacity: 1 },
          encoding: { x: { ...x, field: "at" }, y: { ...y, field: "seconds" }, color },
        })),
        {
          transform: [{ filter: "datum.isBest" }],
          mark: { type: "point", size: 130, strokeWidth: 1.6, color: INK, filled: false },
          encoding: { x: { ...x, field: "at" }, y: { ...y, field: "seconds" } },
        },
        {
          transform: [{ filter: "datum.kind === 'failed'" }],
          mark: { type: "point", shape: "M-.5,-.5L.5,.5M.5,-.5L-.5,.5", size: 90, strokeWidth: 2, color: FAILED },
          encoding: { x: { ...x, field: "at" }, y: { ...y, field: "seconds" } },
        },
      ],
    },
  };
}
