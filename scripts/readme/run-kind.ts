/** Kinds of blocks whose subject is a published run. */
import type { RunResults } from "../../harness/results/records.ts";
import type { ScenarioResults } from "../../harness/scenario/records.ts";
import type { BlockKind } from "./block.ts";
import { caption } from "./caption.ts";
import { publishedRun } from "./records/run.ts";
import { publishedScenario } from "./records/scenario.ts";
import { isRunName, RUN_NAMES, type RunName } from "./runs.ts";

/** @throws Error for a name that no run has */
export function runNamed(name: string): RunName {
  if (!isRunName(name)) throw new Error(`no published run is named "${name}". Use one of ${RUN_NAMES.join(", ")}.`);
  return name;
}

/** A table of a `bench run`, above the conditions of the run. */
export const tableKind = (id: string, table: (results: RunResults) => string): BlockKind => ({
  id,
  render: async (subject, page) => {
    const results = await publishedRun(runNamed(subject));
    return `${table(results)}\n\n${caption(results, runNamed(subject), page)}`;
  },
});

/** A digest of a `bench api run`, which contains the conditions. */
export const scenarioKind = (id: string, digest: (results: ScenarioResults) => string): BlockKind => ({
  id,
  render: async (subject) => digest(await publishedScenario(runNamed(subject))),
});
