/** Checks the step log: a job that registers no partition could not be rerun after a crash, and skips a write that others pay for. */
import { select, type Connection } from "../../lib/connection.ts";
import type { Partition } from "../../strategies/strategy.ts";

export interface Steps {
  /** of the workers */
  readonly partitions: readonly Partition[];
  /**
   * `finished`: each partition has its row with both times. `begun`: a limit stopped the job, so the second time may be absent. `any`:
   * the harness killed the job, so rows may be absent too.
   */
  readonly state: "finished" | "begun" | "any";
}

interface StepRow {
  readonly run: number;
  readonly first: number;
  readonly last: number;
  readonly is_finished: 0 | 1;
  readonly is_reversed: 0 | 1 | null;
}

const usersOf = (first: number, last: number): string => `the users ${first} to ${last}`;

/** @returns the first difference as a sentence; null: none */
export async function checkStepLog(connection: Connection, runId: number, { partitions, state }: Steps): Promise<string | null> {
  const rows = await select<StepRow>(
    connection,
    `SELECT run_id AS run, first_user_id AS first, last_user_id AS last, finished_at IS NOT NULL AS is_finished,
            finished_at < started_at AS is_reversed
     FROM step_execution_log ORDER BY run_id, first_user_id`,
  );
  const left = new Set(rows);
  for (const { firstUserId, lastUserId } of partitions) {
    const row = rows.find(({ run, first, last }) => run === runId && first === firstUserId && last === lastUserId);
    if (row === undefined) {
      if (state !== "any") return `step_execution_log: no row for ${usersOf(firstUserId, lastUserId)} of run ${runId}`;
      continue;
    }
    left.delete(row);
    const where = `step_execution_log: the row for ${usersOf(firstUserId, lastUserId)}`;
    if (state === "finished" && row.is_finished === 0) return `${where} has no finished_at`;
    if (row.is_reversed === 1) return `${where} has a finished_at before its started_at`;
  }
  const [extra] = left;
  if (extra === undefined) return null;
  return `step_execution_log: ${left.size} unexpected ${left.size === 1 ? "row" : "rows"}; the first is for ${usersOf(extra.first, extra.last)} of run ${extra.run}`;
}
