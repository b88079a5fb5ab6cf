/** Renders api.svg. */
import type { TopLevelSpec } from "vega-lite";
import { duration, percent } from "../../text/format.ts";
import { OUTCOMES } from "../load-messages.ts";
import type { ScenarioResults } from "../records.ts";
import { summariseScenario } from "../summary.ts";
import { batchName } from "../variant.ts";
import { guardName, headline } from "./format.ts";

/** Bars of the p99 per outcome of requests during the batch. @returns null without requests */
export async function scenarioChart(results: ScenarioResults): Promise<string | null> {
  const bars = summariseScenario(results).flatMap((summary) =>
    OUTCOMES.flatMap((outcome) => {
      const found = summary.phases?.during.latencies[outcome];
      if (found == null || outcome === "declined") return [];
      const fraction = summary.phases === null ? 0 : found.count / summary.phases.during.sent;
      return [
        {
          batch: batchName(summary.variant.batch),
          guard: guardName(summary),
          outcome,
          ms: found.p99Ms,
          label: `${duration(found.p99Ms)} (${percent(fraction)})`,
        },
      ];
    }),
  );
  if (bars.length === 0) return null;
  const [vega, vegaLite] = await Promise.all([import("vega"), import("vega-lite")]);
  const x = {
    field: "ms",
    type: "quantitative",
    title: "p99 in milliseconds, logarithmic; fraction of all requests in brackets",
    scale: { type: "log", domainMin: 1, nice: true },
  } as const;
  const y = { field: "outcome", type: "nominal", sort: [...OUTCOMES], title: null } as const;
  const spec: TopLevelSpec = {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    background: "white",
    title: { text: "Requests during the batch", subtitle: headline(results), anchor: "start", offset: 12 },
    data: { values: bars },
    facet: {
      row: { field: "guard", type: "nominal", sort: null, title: null },
      column: { field: "batch", type: "nominal", sort: null, title: null },
    },
    spec: {
      width: 380,
      height: { step: 20 },
      layer: [
        {
          mark: { type: "bar", height: { band: 0.7 } },
          encoding: {
            y,
            x,
            x2: { datum: 1 },
            color: { field: "outcome", type: "nominal", legend: null, sort: [...OUTCOMES], scale: { scheme: "tableau10" } },
          },
        },
        { mark: { type: "text", align: "left", dx: 5 }, encoding: { y, x, text: { field: "label" } } },
      ],
    },
    config: { view: { stroke: null }, axis: { grid: false }, font: "sans-serif" },
  };
  const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: "none" });
  return `${await view.toSVG()}\n`;
}
