import type { TopLevelSpec } from "vega-lite";
import type { RunResults } from "../results/records.ts";
import { summarise, type CellSummary } from "../results/summary.ts";
import { duration, ESTIMATE_MARK } from "../text/format.ts";
import { headlines } from "./parts/notes.ts";
import type { Reporter } from "./reporter.ts";
import { displayRow, inDisplayOrder } from "./parts/rows.ts";

const MS_PER_S = 1_000;

/** One bar per cell with a time, on a logarithmic axis. Estimates are pale and have a mark. */
export const reporter: Reporter = {
  id: "svg",
  summary: "chart.svg: one bar per cell on a logarithmic axis",
  async files(results) {
    const bars = inDisplayOrder(summarise(results)).flatMap(barOf);
    if (bars.length === 0) return [];
    // a lazy import: loading vega takes 0.3 s
    const [vega, vegaLite] = await Promise.all([import("vega"), import("vega-lite")]);
    const view = new vega.View(vega.parse(vegaLite.compile(chart(results, bars)).spec), { renderer: "none" });
    return [{ name: "chart.svg", content: `${await view.toSVG()}\n` }];
  },
};

interface Bar {
  readonly cell: string;
  readonly orm: string;
  readonly seconds: number;
  readonly label: string;
  readonly kind: "measured" | "estimated";
}

function barOf(summary: CellSummary): Bar[] {
  const { technique, chunk, orm, key } = displayRow(summary);
  const cell = [technique, ...(summary.cell.chunkUsers === null ? [] : [chunk]), orm, ...(key === "identity" ? [] : [key])].join(
    " · ",
  );
  if (summary.medianWallMs !== null)
    return [{ cell, orm, seconds: summary.medianWallMs / MS_PER_S, label: duration(summary.medianWallMs), kind: "measured" }];
  if (summary.estimatedWallMs !== null)
    return [
      {
        cell,
        orm,
        seconds: summary.estimatedWallMs / MS_PER_S,
        label: `${ESTIMATE_MARK}${duration(summary.estimatedWallMs)}`,
        kind: "estimated",
      },
    ];
  return [];
}

function chart(results: RunResults, bars: Bar[]): TopLevelSpec {
  // a logarithmic axis has no zero, so bars start at the power of ten below the shortest time
  const from = 10 ** Math.floor(Math.log10(Math.min(...bars.map(({ seconds }) => seconds))));
  const y = {
    field: "cell",
    type: "nominal",
    sort: null,
    title: null,
    axis: { labelLimit: 260, ticks: false, domain: false },
  } as const;
  const x = {
    field: "seconds",
    type: "quantitative",
    title: "seconds, logarithmic",
    scale: { type: "log", domainMin: from, nice: true },
  } as const;
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    background: "white",
    title: { text: "One nightly job, verified row by row", subtitle: headlines(results), anchor: "start", offset: 12 },
    width: 560,
    height: { step: 24 },
    data: { values: bars },
    layer: [
      {
        mark: { type: "bar", height: { band: 0.7 } },
        encoding: {
          y,
          x,
          x2: { datum: from },
          color: { field: "orm", type: "nominal", title: "library", scale: { scheme: "tableau10" } },
          opacity: { condition: { test: "datum.kind === 'estimated'", value: 0.4 }, value: 1 },
        },
      },
      { mark: { type: "text", align: "left", dx: 5 }, encoding: { y, x, text: { field: "label" } } },
    ],
    config: { view: { stroke: null }, axis: { grid: false }, font: "sans-serif" },
  };
}
