/** A line per technique and library over the axis that the run sweeps. */
import type { TopLevelSpec } from "vega-lite";
import { chartStyle, colourScale } from "./vega.ts";
import type { Sweep } from "./sweep.ts";
import { rangeText, type ChartFrame } from "./timed.ts";

const WIDTH = 560;
const HEIGHT = 320;
const INSET = 16;
/** Beyond this factor between the ends of an axis, a linear axis would press most points together. */
const LOG_FROM = 10;

const isWide = (values: readonly number[]): boolean =>
  Math.min(...values) > 0 && Math.max(...values) / Math.min(...values) > LOG_FROM;

function xOf({ title, values }: Sweep) {
  const numbers = values.filter((value) => typeof value === "number");
  if (numbers.length < values.length)
    return { field: "at", type: "ordinal", sort: [...values], title, axis: { labelAngle: 0 } } as const;
  const log = isWide(numbers);
  return {
    field: "at",
    type: "quantitative",
    title: log ? `${title}, logarithmic` : title,
    scale: log ? { type: "log" as const, nice: false, padding: INSET } : { zero: false, nice: false, padding: INSET },
    axis: { values: numbers, format: ",", grid: true, labelOverlap: true },
  } as const;
}

export function lineChart(sweep: Sweep, { title, subtitle, colours }: ChartFrame): TopLevelSpec {
  const { points } = sweep;
  const log = isWide(points.flatMap(({ low, high }) => [low, high]));
  const x = xOf(sweep);
  const range = rangeText(points);
  const y = {
    field: "seconds",
    type: "quantitative",
    title: `seconds${log ? ", logarithmic" : ""}`,
    scale: log ? { type: "log" as const } : { zero: true },
    axis: { grid: true },
  } as const;
  const color = { field: "library", type: "nominal", title: "library", scale: colourScale(colours) } as const;
  const technique = { field: "technique", type: "nominal", title: "technique", sort: null } as const;
  const placed = [{ filter: "datum.at !== null" }];
  return {
    ...chartStyle(title, [...subtitle, ...(range === "" ? [] : [`vertical ${range}`])]),
    data: { values: points.map((point) => ({ ...point })) },
    width: WIDTH,
    height: HEIGHT,
    layer: [
      { transform: placed, mark: { type: "line" }, encoding: { x, y, color, strokeDash: technique, detail: technique } },
      {
        transform: [...placed, { filter: "datum.low < datum.high" }],
        mark: { type: "rule", strokeWidth: 1.5, opacity: 0.7 },
        encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" }, color },
      },
      {
        transform: placed,
        mark: { type: "point", filled: true, size: 50, opacity: 1 },
        encoding: {
          x,
          y,
          color,
          shape: technique,
          fillOpacity: { condition: { test: "datum.isEstimated", value: 0.2 }, value: 1 },
        },
      },
      // cells without a place on the axis: a line through the whole chart
      {
        transform: [{ filter: "datum.at === null" }],
        mark: { type: "rule", strokeDash: [2, 3] },
        encoding: { y, color },
      },
      {
        transform: [{ filter: "datum.at === null" }],
        mark: { type: "text", align: "left", dx: 4, dy: -6 },
        encoding: { x: { value: 0 }, y, text: { field: "name" } },
      },
    ],
  };
}
