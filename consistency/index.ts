/**
 * Checks that the history of the clients and the database fit together. It uses the service's tables and none of its code,
 * so that a mistake in the service cannot confirm itself.
 */
import type { Connection } from "../lib/connection.ts";
import { exportsIn } from "../lib/plug-in-folder.ts";
import type { CheckedBatch } from "./batch.ts";
import type { HistoryEntry } from "./history.ts";
import type { CheckContext, Rule } from "./rule.ts";
import { byToken, readInbox, readLog } from "./state.ts";

export { resultOf } from "./history.ts";
export type { Attempt, HistoryEntry, OwnRead, Reuse, WriteResult } from "./history.ts";
export type { CheckedBatch } from "./batch.ts";

const RULES = new URL("./rules/", import.meta.url);
const MAX_EXAMPLES = 3;

interface Conflict {
  readonly rule: string;
  readonly says: string;
  readonly count: number;
  readonly examples: readonly string[];
}

export interface Verdict {
  readonly consistent: boolean;
  /** writes that were checked */
  readonly writes: number;
  readonly rules: readonly string[];
  readonly conflicts: readonly Conflict[];
}

/** Sorted by file. */
export const listRules = (): Promise<Rule[]> => exportsIn<Rule>(RULES, "rule");

/** @param connection to a database that no other client writes to any more, with the expected rows of the batch's date */
export async function checkConsistency(
  connection: Connection,
  history: readonly HistoryEntry[],
  batch: CheckedBatch | null,
): Promise<Verdict> {
  const logRows = await readLog(connection);
  const context: CheckContext = {
    connection,
    history,
    batch,
    logRows,
    log: byToken(logRows),
    inbox: await readInbox(connection),
  };
  const rules = await listRules();
  const conflicts: Conflict[] = [];
  for (const rule of rules) {
    const { id, says } = rule;
    const found = await rule.violations(context);
    if (found.length > 0) conflicts.push({ rule: id, says, count: found.length, examples: found.slice(0, MAX_EXAMPLES) });
  }
  return { consistent: conflicts.length === 0, writes: history.length, rules: rules.map(({ id }) => id), conflicts };
}
