/** Finds stored runs below folders: results/, the artefacts of CI, or single runs. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { BenchError } from "../../lib/errors.ts";
import { reasonOfFile } from "../../lib/file-errors.ts";
import { readRecords, RECORDS_FILE, type RunResults } from "./records.ts";

export interface StoredRun {
  readonly folder: string;
  readonly results: RunResults;
}

/** `results/<date>/<machine>/<run>`, with two levels more for the folders of artefacts. */
const MAX_DEPTH = 6;

async function foldersWith(folder: string, file: string, depth: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const own = entries.some((entry) => entry.isFile() && entry.name === file) ? [folder] : [];
  const below = entries.filter((entry) => entry.isDirectory() && entry.name !== "node_modules" && !entry.name.startsWith("."));
  if (depth === 0) return own;
  return [...own, ...(await Promise.all(below.map(({ name }) => foldersWith(join(folder, name), file, depth - 1)))).flat()];
}

/**
 * Folders with such a records file in or below a folder, in the order of their paths.
 * @throws BenchError RECORDS_UNREADABLE for a path that is no folder
 */
export async function runFolders(folder: string, recordsFile: string = RECORDS_FILE): Promise<string[]> {
  const found = await stat(folder).catch((error: unknown) => {
    throw new BenchError(
      "RECORDS_UNREADABLE",
      `cannot read ${folder}: ${reasonOfFile(error)}`,
      "pass the folder of a run, or a folder that contains runs: results",
      error,
    );
  });
  if (!found.isDirectory())
    throw new BenchError("RECORDS_UNREADABLE", `cannot read ${folder}: it is a file`, "pass the folder that contains it");
  return (await foldersWith(folder, recordsFile, MAX_DEPTH)).toSorted();
}

/** Runs that cannot be read, with their reasons: one damaged artefact must not hide the runs beside it. */
export interface FoundRuns {
  readonly runs: readonly StoredRun[];
  readonly unreadable: readonly string[];
}

/** @throws BenchError RECORDS_UNREADABLE for a folder without a run, and for a run that the caller names itself */
export async function readRuns(folders: readonly string[]): Promise<FoundRuns> {
  const runs: StoredRun[] = [];
  const unreadable: string[] = [];
  for (const folder of folders) {
    const found = await runFolders(folder);
    if (found.length === 0)
      throw new BenchError(
        "RECORDS_UNREADABLE",
        `${folder} contains no run: no ${RECORDS_FILE} in it or below it`,
        "pass the folder of a run, or measure one: bench run --suite quick",
      );
    for (const path of found) {
      if (runs.some((run) => run.folder === path)) continue;
      try {
        runs.push({ folder: path, results: await readRecords(join(path, RECORDS_FILE)) });
      } catch (error) {
        if (path === folder || !(error instanceof BenchError)) throw error;
        unreadable.push(error.message);
      }
    }
  }
  return { runs, unreadable };
}
