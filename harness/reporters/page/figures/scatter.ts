/** Points over two logarithmic axes, with the name of a technique at its uppermost point. */
import type { TopLevelSpec } from "vega-lite";
import { colourScale } from "../../parts/vega.ts";
import { frame, INK, NARROW, quantity } from "./frame.ts";

export interface ScatterPoint {
  readonly technique: string;
  readonly library: string;
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
  readonly isEstimate: boolean;
}

export interface ScatterChart {
  readonly points: readonly ScatterPoint[];
  readonly xTitle: string;
  readonly yTitle: string;
  readonly logarithmic: string;
  readonly libraryTitle: string;
  readonly colours: ReadonlyMap<string, string>;
}

const HEIGHT = 340;

export function scatterChart(
  { points, xTitle, yTitle, logarithmic, libraryTitle, colours }: ScatterChart,
  width: number,
): TopLevelSpec {
  const [left, right] = [52, width < NARROW ? 14 : 30];
  const inner = width - left - right;
  const x = quantity(
    points.map((point) => point.x),
    xTitle,
    logarithmic,
    inner,
  );
  const y = quantity(
    points.flatMap(({ low, high }) => [low, high]),
    yTitle,
    logarithmic,
    HEIGHT,
  );
  const color = {
    field: "library",
    type: "nominal" as const,
    scale: colourScale(colours),
    legend: {
      title: libraryTitle,
      orient: "none" as const,
      legendX: 0,
      legendY: -52,
      direction: "horizontal" as const,
      columns: width < NARROW ? 3 : 6,
    },
  };
  const names = [...Map.groupBy(points, ({ technique }) => technique)].map(([technique, own]) => {
    const high = own.toSorted((a, b) => b.high - a.high)[0];
    return { technique, x: high?.x, y: high?.high };
  });
  const middle = Math.sqrt(Math.min(...points.map((point) => point.x)) * Math.max(...points.map((point) => point.x)));
  const label = (align: "left" | "right", side: string) => ({
    data: { values: names },
    transform: [{ filter: side }],
    mark: { type: "text" as const, align, baseline: "bottom" as const, dy: -8, dx: align === "left" ? -4 : 4, color: INK },
    encoding: { x: { ...x, field: "x" }, y: { ...y, field: "y" }, text: { field: "technique" } },
  });
  return {
    ...frame(width, { left, right, top: 66, bottom: 44 }, HEIGHT),
    layer: [
      {
        data: { values: points.filter(({ low, high }) => low < high) },
        mark: { type: "rule", strokeWidth: 5, strokeCap: "round", opacity: 0.3 },
        encoding: {
          x: { ...x, field: "x" },
          y: { ...y, field: "low" },
          y2: { field: "high" },
          color,
        },
      },
      ...[false, true].map((isEstimate) => ({
        data: { values: points.filter((point) => point.isEstimate === isEstimate) },
        mark: { type: "point" as const, size: 46, strokeWidth: 1.6, filled: !isEstimate, opacity: 1 },
        encoding: { x: { ...x, field: "x" }, y: { ...y, field: "y" }, color },
      })),
      label("left", `datum.x <= ${middle}`),
      label("right", `datum.x > ${middle}`),
    ],
  };
}
