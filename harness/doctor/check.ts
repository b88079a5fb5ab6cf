/** What may make today's numbers unreliable: one file per question in this folder, each exporting `check`. */
import type { Connection } from "../../lib/connection.ts";
import type { Log } from "../../lib/log.ts";
import type { Database } from "../database/index.ts";
import type { RunRecord } from "../results/records.ts";

/** `good`: as it should be. `note`: to be known when reading results. `unreliable`: numbers of today mislead. */
export type Level = "good" | "note" | "unreliable";

export interface Finding {
  readonly level: Level;
  /** what was seen, with the value, in a sentence */
  readonly says: string;
  /** what to do about it; null where there is nothing to be done */
  readonly fix: string | null;
  /** what was measured, for programs; named with their units */
  readonly values: Readonly<Record<string, number | string | null>>;
}

export interface CheckContext {
  readonly database: Database;
  readonly admin: Connection;
  readonly environment: RunRecord["environment"];
  readonly log: Log;
  readonly signal: AbortSignal;
}

export interface Check {
  readonly id: string;
  readonly title: string;
  /** takes more than a few seconds: left out by --quick */
  readonly isSlow: boolean;
  run(context: CheckContext): Promise<Finding[]>;
}

export const good = (says: string, values: Finding["values"] = {}): Finding => ({ level: "good", says, fix: null, values });
export const note = (says: string, fix: string | null, values: Finding["values"] = {}): Finding => ({
  level: "note",
  says,
  fix,
  values,
});
export const unreliable = (says: string, fix: string | null, values: Finding["values"] = {}): Finding => ({
  level: "unreliable",
  says,
  fix,
  values,
});
