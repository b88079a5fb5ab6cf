/** The stored runs that verbs read by default: those of the current project, else the published ones of this tree. */
import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { TREE_URL } from "../registry.ts";
import { runFolders } from "../results/find-runs.ts";
import { RECORDS_FILE } from "../results/records.ts";

/** Below results/, other folders hold proofs and performance measures of `bench` itself. */
const DATE = /^\d{4}-\d{2}-\d{2}$/;
/** A project that measures each night keeps years of runs, and an answer needs the newest. */
const NEWEST = 100;

async function datedRuns(results: string, recordsFile: string): Promise<string[]> {
  if (!existsSync(results)) return [];
  const dates = readdirSync(results).filter((name) => DATE.test(name));
  return (await Promise.all(dates.map((date) => runFolders(join(results, date), recordsFile)))).flat();
}

/**
 * Folders of all runs, the oldest first; empty without a run. `bench history` reads all: with the newest 100 of 150 nights, it never
 * found the change of night 40.
 */
export async function allRunFolders(recordsFile: string = RECORDS_FILE): Promise<string[]> {
  const own = await datedRuns("results", recordsFile);
  // the package contains no results; a checkout does
  const found = own.length > 0 ? own : await datedRuns(fileURLToPath(new URL("results/", TREE_URL)), recordsFile);
  return found.toSorted().map((folder) => relative(".", folder) || ".");
}

/** Folders of the newest runs, the oldest first; empty without a run. */
export const defaultRunFolders = async (recordsFile: string = RECORDS_FILE): Promise<string[]> =>
  (await allRunFolders(recordsFile)).slice(-NEWEST);
