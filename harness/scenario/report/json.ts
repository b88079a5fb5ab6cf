import type { ScenarioResults } from "../records.ts";
import { expectationsOf, summariseScenario } from "../summary.ts";

/** Settings of the scenario and a summary of each variant over its rounds. The records contain single samples. */
export function scenarioJson(results: ScenarioResults): string {
  const summaries = summariseScenario(results);
  const variants = summaries.map(({ samples, failed, ...summary }) => ({
    ...summary,
    samples: samples.length,
    failed: failed.length,
  }));
  const { scenario, how } = results;
  return JSON.stringify({ scenario, how, variants, expectations: expectationsOf(summaries) }, null, 2);
}
