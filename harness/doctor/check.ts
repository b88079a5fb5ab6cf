/** Checks for conditions that make measured times unreliable. Each file in this folder exports one `check`. */
import type { Connection } from "../../lib/connection.ts";
import type { Log } from "../../lib/log.ts";
import type { Database } from "../database/index.ts";
import type { RunRecord } from "../results/records.ts";

/** `good`: no problem. `note`: matters when reading results. `unreliable`: times measured now are misleading. */
export type Level = "good" | "note" | "unreliable";

export interface Finding {
  readonly level: Level;
  /** the observation with its value, as one sentence */
  readonly says: string;
  /** an imperative; null if no action helps */
  readonly fix: string | null;
  /** measured values for programs; names contain the unit */
  readonly values: Readonly<Record<string, number | string | null>>;
}

export interface CheckContext {
  readonly database: Database;
  readonly admin: Connection;
  readonly environment: RunRecord["environment"];
  /** the durability that doctor restored on a server of `bench`, as a sentence; null: nothing to restore */
  readonly restoredDurability: string | null;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export interface Check {
  readonly id: string;
  readonly title: string;
  /** true if the check takes more than a few seconds: --quick skips it */
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
