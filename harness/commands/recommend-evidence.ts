/** Reads the stored runs and scenarios of an answer. */
import { join } from "node:path";
import { BenchError } from "../../lib/errors.ts";
import type { StoredScenario } from "../recommend/beside.ts";
import type { Question } from "../recommend/question.ts";
import { readRuns, runFolders, type StoredRun } from "../results/find-runs.ts";
import { readRecords, RECORDS_FILE } from "../results/records.ts";
import { API_RECORDS_FILE, readScenario } from "../scenario/records.ts";
import { defaultRunFolders } from "./stored-runs.ts";

type Warn = (text: string) => void;

const warnOf = (warn: Warn, reason: string): void => warn(`${reason}; bench leaves this run out`);

/**
 * One damaged file ended the command, although other runs had an answer.
 * @param named folders that the user names, which must be readable
 */
async function readEach<Results>(
  folders: readonly string[],
  named: readonly string[],
  read: (folder: string) => Promise<Results>,
  warn: Warn,
): Promise<{ readonly folder: string; readonly results: Results }[]> {
  const found: { readonly folder: string; readonly results: Results }[] = [];
  for (const folder of folders) {
    try {
      found.push({ folder, results: await read(folder) });
    } catch (error) {
      if (named.includes(folder) || !(error instanceof BenchError)) throw error;
      warnOf(warn, error.message);
    }
  }
  return found;
}

/** @param folders empty: the runs of the project, else the published ones */
export async function storedRuns(folders: readonly string[], warn: Warn): Promise<StoredRun[]> {
  if (folders.length === 0)
    return readEach(await defaultRunFolders(), [], (folder) => readRecords(join(folder, RECORDS_FILE)), warn);
  const found = await readRuns(folders);
  for (const reason of found.unreadable) warnOf(warn, reason);
  return [...found.runs];
}

/** Only one preference shows them. */
export async function storedScenarios(folders: readonly string[], { prefer }: Question, warn: Warn): Promise<StoredScenario[]> {
  if (prefer !== "gentlest") return [];
  const found =
    folders.length > 0
      ? [...new Set((await Promise.all(folders.map((path) => runFolders(path, API_RECORDS_FILE)))).flat())]
      : await defaultRunFolders(API_RECORDS_FILE);
  return readEach(found, folders, readScenario, warn);
}
