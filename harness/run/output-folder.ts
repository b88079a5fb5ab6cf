/** Where a run's results go: checked and made before anything is connected or measured. */
import { constants, existsSync } from "node:fs";
import { access, mkdir, stat } from "node:fs/promises";
import os from "node:os";
import { join } from "node:path";
import { BenchError, messageOf } from "../../lib/errors.ts";
import { RECORDS_FILE } from "../results/records.ts";

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "") || "unnamed";

/** `results/<date>/<machine>/<run>`, below the current folder */
export function defaultFolder(runId: string, startedAt: Date): string {
  return join("results", startedAt.toISOString().slice(0, 10), slug(os.hostname()), runId);
}

/** Sorts by time, says what it is of. */
export function newRunId(startedAt: Date, what: string): string {
  const time = startedAt.toISOString().slice(11, 19).replaceAll(":", "");
  return `${time}-${slug(what)}-${process.pid.toString(36)}`;
}

/**
 * How to start again what can't be gone on with.
 * @param out as it was asked for; absent: each start has a folder of its own
 */
export function startAgain(out: string | undefined, recordsFile: string = RECORDS_FILE): string {
  if (out === undefined || !existsSync(join(out, recordsFile))) return "the same command starts again";
  return `the same command starts again with another --out: ${out} keeps what was finished`;
}

/**
 * @param recordsFile what a run of this kind would leave there
 * @throws BenchError BAD_OUTPUT_FOLDER for a file, a folder that can't be written, or one that holds another run
 */
export async function prepareFolder(folder: string, recordsFile: string = RECORDS_FILE): Promise<void> {
  const bad = (what: string, fix: string): BenchError => new BenchError("BAD_OUTPUT_FOLDER", `${folder} ${what}`, fix);
  const found = await stat(folder).catch(() => null);
  if (found !== null && !found.isDirectory()) throw bad("is a file", "name a folder with --out");
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw bad(`can't be written: ${messageOf(error)}`, "name another folder with --out");
  }
  // an empty one is what a full disk has left of a run that could not even begin
  const records = await stat(join(folder, recordsFile)).catch(() => null);
  if (records !== null && records.size > 0)
    throw bad("holds the results of another run", "name a new folder with --out, or leave it out");
}
