/** A bar per cell on a logarithmic axis, with its range or interval as a line. */
import type { TopLevelSpec } from "vega-lite";
import { chartStyle, colourScale } from "./vega.ts";
import { rangeText, type ChartFrame, type Timed } from "./timed.ts";

const WIDTH = 560;
const LINE_HEIGHT = 24;

/** @param cells in the order of the lines */
export function barChart(cells: readonly Timed[], { title, subtitle, colours }: ChartFrame): TopLevelSpec {
  const shortest = Math.min(...cells.map(({ low }) => low));
  // a logarithmic axis has no zero, so bars start at the power of ten below the shortest time
  const from = 10 ** Math.floor(Math.log10(shortest));
  const range = rangeText(cells);
  const x = {
    field: "seconds",
    type: "quantitative",
    title: `seconds, logarithmic${range === "" ? "" : `; ${range}`}`,
    scale: { type: "log", domainMin: from, nice: true },
  } as const;
  const y = { field: "name", type: "nominal", sort: null, title: null, axis: { ticks: false, domain: false } } as const;
  return {
    ...chartStyle(title, subtitle),
    data: { values: cells.map((cell) => ({ ...cell })) },
    width: WIDTH,
    height: { step: LINE_HEIGHT },
    layer: [
      {
        mark: { type: "bar", height: { band: 0.7 } },
        encoding: {
          y,
          x,
          x2: { datum: from },
          color: { field: "library", type: "nominal", title: "library", scale: colourScale(colours) },
          opacity: { condition: { test: "datum.isEstimated", value: 0.4 }, value: 1 },
        },
      },
      {
        transform: [{ filter: "datum.low < datum.high" }],
        mark: { type: "rule", color: "#333", strokeWidth: 1.5 },
        encoding: { y, x: { ...x, field: "low" }, x2: { field: "high" } },
      },
      {
        mark: { type: "text", align: "left", dx: 5 },
        // right of the range, which would cross the text
        encoding: { y, x: { ...x, field: "high" }, text: { field: "label" } },
      },
    ],
  };
}
