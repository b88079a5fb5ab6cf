/** One scenario, as the sections of a report read it. */
import type { ScenarioResults } from "../../records.ts";
import { summariseScenario, type VariantSummary } from "../../summary.ts";
import { batchName } from "../../variant.ts";
import { guardName } from "../phrases.ts";

export interface ScenarioSubject {
  readonly results: ScenarioResults;
  readonly summaries: readonly VariantSummary[];
}

export const scenarioSubject = (results: ScenarioResults): ScenarioSubject => ({
  results,
  summaries: summariseScenario(results),
});

/** `long · memory-flag` */
export const variantName = (summary: VariantSummary): string => `${batchName(summary.variant.batch)} · ${guardName(summary)}`;
