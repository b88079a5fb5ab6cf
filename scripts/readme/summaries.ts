/** Summaries of runs and scenarios, each computed once: a page needs the same one for dozens of numbers. */
import type { RunResults } from "../../harness/results/records.ts";
import { summarise, type CellSummary } from "../../harness/results/summary.ts";
import type { ScenarioResults } from "../../harness/scenario/records.ts";
import { summariseScenario, type VariantSummary } from "../../harness/scenario/summary.ts";

const cells = new WeakMap<RunResults, readonly CellSummary[]>();
const variants = new WeakMap<ScenarioResults, readonly VariantSummary[]>();

export function cellSummaries(results: RunResults): readonly CellSummary[] {
  const found = cells.get(results) ?? summarise(results);
  cells.set(results, found);
  return found;
}

export function variantSummaries(results: ScenarioResults): readonly VariantSummary[] {
  const found = variants.get(results) ?? summariseScenario(results);
  variants.set(results, found);
  return found;
}
