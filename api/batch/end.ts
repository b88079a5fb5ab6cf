/** T4 and T5, the two ends of a batch. Each changes the batch only if it is still open in this attempt. */
import type { Database } from "../database/database.ts";
import type { FlagRows } from "../guards/guard.ts";
import { hasFault } from "../faults.ts";
import { batchRunId, GRADE_LOGS } from "../tables.ts";
import { requireMine, type Claim } from "./fence.ts";

const MAX_FAILURE_CHARS = 500;
const OPEN = " AND status IN ('selecting', 'running')";

/** Reads over all targets, without a cursor or a partition: a user that a member dropped must not end up in no partition. */
async function hasUndone(database: Database, batchId: number): Promise<boolean> {
  const rows = await database.withSession((session) =>
    session.rows(
      `SELECT 1 FROM batch_targets AS target WHERE batch_id = ? AND NOT EXISTS
         (SELECT 1 FROM ${GRADE_LOGS} AS marker WHERE marker.run_id = ? AND marker.user_id = target.user_id) LIMIT 1`,
      [batchId, batchRunId(batchId)],
    ),
  );
  return rows.length > 0;
}

/**
 * T4, for a batch that was seen as running.
 * @returns false if a target is not done, or another member ended the batch
 * @throws NotMine
 */
export async function finishBatch(database: Database, claim: Claim, flags: FlagRows | null): Promise<boolean> {
  const { batchId } = claim;
  const isTrusted = hasFault("finishes-unchecked", "finishes-from-cursor", "undone-before-status", "completes-despite-failure");
  if (!isTrusted && (await hasUndone(database, batchId))) return false;
  return database.transaction(async (session) => {
    await requireMine((sql, params) => session.rows(sql, params), claim, " FOR SHARE");
    const { affectedRows } = await session.run(
      "UPDATE batches SET status = 'finished', finished_at = UTC_TIMESTAMP(6), failure = NULL WHERE id = ? AND status = 'running'",
      [batchId],
    );
    if (affectedRows > 0) await flags?.lowerAll(session, batchId);
    return affectedRows > 0;
  });
}

/**
 * T5. The attempt rises, so that members which still work on the batch write nothing any more.
 * @returns false if another member ended the batch
 * @throws NotMine
 */
export async function failBatch(database: Database, claim: Claim, reason: string, flags: FlagRows | null): Promise<boolean> {
  const { batchId, attempt } = claim;
  return database.transaction(async (session) => {
    const mine = requireMine((sql, params) => session.rows(sql, params), claim, " FOR UPDATE");
    await (hasFault("fails-any-attempt", "rescues-any-run") ? mine.catch(() => {}) : mine);
    const { affectedRows } = await session.run(
      `UPDATE batches SET status = 'failed', failure = ?, users_written = NULL WHERE ${hasFault("rescues-any-run") ? "? > 0" : "id = ?"}${hasFault("fails-any-status") ? "" : OPEN}`,
      [reason.slice(0, MAX_FAILURE_CHARS), batchId],
    );
    if (affectedRows === 0) return false;
    await session.run("UPDATE batch_owners SET attempt = ? WHERE batch_id = ?", [attempt + 1, batchId]);
    await flags?.lowerAll(session, batchId);
    return true;
  });
}
