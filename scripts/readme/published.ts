/** Reads the published runs, each once per process. */
import { join } from "node:path";
import { readChaos, type ChaosResults } from "../../harness/chaos/records.ts";
import { readPower, type PowerResults } from "../../harness/chaos/power/records.ts";
import { readLimits, type LimitsResults } from "../../harness/limits/records.ts";
import { RECORDS_FILE, readRecords, type RunResults } from "../../harness/results/records.ts";
import { readScenario, type ScenarioResults } from "../../harness/scenario/records.ts";
import { runPath, type RunName } from "./runs.ts";

const runs = new Map<RunName, Promise<RunResults>>();
const limits = new Map<RunName, Promise<LimitsResults>>();
const trials = new Map<RunName, Promise<ChaosResults>>();
const scenarios = new Map<RunName, Promise<ScenarioResults>>();

/** @returns the records of a `bench run` */
export function publishedRun(name: RunName): Promise<RunResults> {
  const found = runs.get(name) ?? readRecords(join(runPath(name), RECORDS_FILE));
  runs.set(name, found);
  return found;
}

/** @returns the records of a `bench api run` */
export function publishedScenario(name: RunName): Promise<ScenarioResults> {
  const found = scenarios.get(name) ?? readScenario(runPath(name));
  scenarios.set(name, found);
  return found;
}

/** @returns the records of a `bench limits` */
export function publishedLimits(name: RunName): Promise<LimitsResults> {
  const found = limits.get(name) ?? readLimits(runPath(name));
  limits.set(name, found);
  return found;
}

/** @returns the records of a `bench chaos` */
export function publishedChaos(name: RunName): Promise<ChaosResults> {
  const found = trials.get(name) ?? readChaos(runPath(name));
  trials.set(name, found);
  return found;
}

/**
 * @returns the records of `npm run chaos:power`
 * @throws Error if the folder has none
 */
export async function publishedPower(name: RunName): Promise<PowerResults> {
  const found = await readPower(runPath(name));
  if (found === null) throw new Error(`cannot read the run ${name}: its folder has no trials. Run npm run chaos:power again.`);
  return found;
}
