/**
 * A kind of published run: the command that measured it, and its records. A file in this folder that exports `records` registers it.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { RunResults } from "../../../harness/results/records.ts";
import { everyExportIn } from "../../../lib/plug-in-folder.ts";
import { runPath, type RunName } from "../runs.ts";

/** The conditions of a run, for the list of runs. */
export interface Conditions {
  /** ISO 8601 */
  readonly startedAt: string;
  readonly environment: Pick<RunResults["run"]["environment"], "machine" | "gitCommit">;
  /** null: the run has no rounds */
  readonly rounds: number | null;
  /** cells, variants, searches, faults or pairs: the rows of its table */
  readonly cells: number;
  /** measures the run again */
  readonly command: string;
}

/** A file beside the records. */
interface PageFile {
  readonly name: string;
  readonly content: string;
}

export interface RecordsKind {
  /** name of the file with the records; no other kind has a file of this name */
  readonly file: string;
  /** name of the page that shows the run */
  readonly page: string;
  conditions(name: RunName): Promise<Conditions>;
  /** rendered from the records; the page is among them */
  files(name: RunName): Promise<readonly PageFile[]>;
}

/** Reads the records of each run once per process. */
export function once<Results>(read: (folder: string) => Promise<Results>): (name: RunName) => Promise<Results> {
  const found = new Map<RunName, Promise<Results>>();
  return (name) => {
    const results = found.get(name) ?? read(runPath(name));
    found.set(name, results);
    return results;
  };
}

/**
 * The records of several commands in one folder have the conditions of the last one.
 * @param what measured them, for the error
 * @throws Error
 */
export function conditionsOfLast(
  name: RunName,
  starts: readonly (Conditions["environment"] & Pick<Conditions, "startedAt">)[],
  what: string,
  of: Pick<Conditions, "cells" | "command">,
): Conditions {
  const last = starts.at(-1);
  if (last === undefined) throw new Error(`cannot read the run ${name}: its records have no start. Run ${what} again.`);
  return { startedAt: last.startedAt, environment: last, rounds: null, ...of };
}

/** @throws Error if the folder of the run has no records */
export async function recordsOf(name: RunName): Promise<RecordsKind> {
  const kinds = await everyExportIn<RecordsKind>(new URL("./", import.meta.url), "records", ["kind.ts"]);
  const kind = kinds.find(({ file }) => existsSync(join(runPath(name), file)));
  if (kind === undefined)
    throw new Error(
      `cannot read the run ${name}: its folder has none of ${kinds.map(({ file }) => file).join(", ")}. Set its folder in scripts/readme/runs.ts.`,
    );
  return kind;
}
