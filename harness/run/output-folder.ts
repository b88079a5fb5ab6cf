/** The results folder of a run. bench checks and creates it before it connects to a server. */
import { constants, existsSync } from "node:fs";
import { access, stat } from "node:fs/promises";
import os from "node:os";
import { join } from "node:path";
import { BenchError } from "../../lib/errors.ts";
import { reasonOfFile } from "../../lib/file-errors.ts";
import { makeResultsFolder } from "../../lib/folders.ts";
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

/** `101500-quick-x1`: sorts by time, and names the suite or the strategies. */
export function newRunId(startedAt: Date, what: string): string {
  const time = startedAt.toISOString().slice(11, 19).replaceAll(":", "");
  return `${time}-${slug(what)}-${process.pid.toString(36)}`;
}

/**
 * The fix for work that bench cannot continue.
 * @param out value of --out; without it, each start has a new folder
 */
export function startAgain(out: string | undefined, recordsFile: string = RECORDS_FILE): string {
  if (out === undefined || !existsSync(join(out, recordsFile))) return "run the same command to start again";
  return `run the same command with another --out: ${out} keeps the finished samples`;
}

/** @throws BenchError BAD_OUTPUT_FOLDER for a file, or a folder that cannot be made or written to */
export async function makeOutputFolder(folder: string): Promise<void> {
  const bad = (what: string, fix: string): BenchError =>
    new BenchError("BAD_OUTPUT_FOLDER", `cannot write results to ${folder}: ${what}`, fix);
  const found = await stat(folder).catch(() => null);
  if (found !== null && !found.isDirectory()) throw bad("it is a file", "pass a folder with --out");
  try {
    await makeResultsFolder(folder);
    await access(folder, constants.W_OK);
  } catch (error) {
    throw bad(reasonOfFile(error), "choose another folder with --out");
  }
}

/**
 * @param recordsFile name of the records file of this kind of run
 * @throws BenchError BAD_OUTPUT_FOLDER, also for a folder with results of another run
 */
export async function prepareFolder(folder: string, recordsFile: string = RECORDS_FILE): Promise<void> {
  await makeOutputFolder(folder);
  // a full disk can leave an empty records file of a run that did not start
  const records = await stat(join(folder, recordsFile)).catch(() => null);
  if (records !== null && records.size > 0)
    throw new BenchError(
      "BAD_OUTPUT_FOLDER",
      `cannot write results to ${folder}: it contains the results of another run`,
      "choose a new folder with --out, or omit --out",
    );
}
