/** Renders api.svg. */
import { barChart } from "../../reporters/parts/chart.ts";
import { duration, percent } from "../../text/format.ts";
import { OUTCOMES } from "../load-messages.ts";
import type { ScenarioResults } from "../records.ts";
import { summariseScenario } from "../summary.ts";
import { batchName } from "../variant.ts";
import { guardName, headline } from "./phrases.ts";

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
  return barChart({
    title: "Requests during the batch",
    subtitle: headline(results),
    bars,
    length: { field: "ms", title: "p99 in milliseconds, logarithmic; fraction of all requests in brackets", from: 1 },
    line: { field: "outcome", order: OUTCOMES },
    colour: { field: "outcome", legend: null },
    facet: { row: "guard", column: "batch" },
    width: 380,
    lineHeight: 20,
  });
}
