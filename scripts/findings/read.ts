/** Reads the findings and their evidence. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { RECORDS_FILE, type RunResults } from "../../harness/results/records.ts";
import { API_RECORDS_FILE, type ScenarioResults } from "../../harness/scenario/records.ts";
import { requireTest } from "../claims/require-test.ts";
import { everyExportIn } from "../../lib/plug-in-folder.ts";
import { publishedRun } from "../readme/records/run.ts";
import { publishedScenario } from "../readme/records/scenario.ts";
import { RUN_NAMES, runFolder, runPath, type RunName } from "../readme/runs.ts";
import { Evidence } from "./evidence.ts";
import { TOPICS, type Finding } from "./finding.ts";

/** All published runs. */
export async function publishedEvidence(): Promise<Evidence> {
  const published = RUN_NAMES.filter((name) => runFolder(name) !== null);
  const scenarios = new Map<RunName, ScenarioResults>();
  const runs = new Map<RunName, RunResults>();
  for (const name of published)
    if (existsSync(join(runPath(name), API_RECORDS_FILE))) scenarios.set(name, await publishedScenario(name));
    // the searches of bench limits and the trials of bench chaos have no findings
    else if (existsSync(join(runPath(name), RECORDS_FILE))) runs.set(name, await publishedRun(name));
  return new Evidence(runs, scenarios);
}

/** All findings, by topic and order. @throws Error for a finding whose test does not exist */
export async function allFindings(): Promise<Finding[]> {
  const found = await everyExportIn<Finding>(new URL("list/", import.meta.url), "finding");
  for (const { test } of found) if (test !== undefined) await requireTest(test);
  return found.toSorted((a, b) => TOPICS.indexOf(a.topic) - TOPICS.indexOf(b.topic) || a.order - b.order);
}
