import type { ScenarioResults } from "../records.ts";
import { expectationsOf, summariseScenario } from "../summary.ts";

/** The scenario's settings and what each variant says over its rounds, for programs. Single samples stand in the records. */
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
