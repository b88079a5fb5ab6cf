import { select } from "../../lib/connection.ts";
import type { Rule } from "../rule.ts";

interface Found {
  readonly batchId: number;
  readonly userId: number;
  readonly times: number;
}

/** The marker of a user is the user's row in the grade log. Techniques have no steps per round, but one at their end. */
export const rule: Rule = {
  id: "graded-once",
  says: "each user of a batch has one marker, in one committed round; no other user has one; a finished batch has no user without",
  async violations({ connection, batch }) {
    if (batch === null) return [];
    const marker = `${batch.runId - batch.id} + batches.id`;
    const query = (sql: string): Promise<Found[]> => select<Found>(connection, sql);
    const repeated = await query(
      `SELECT batch_id AS batchId, step.user_id AS userId, COUNT(*) AS times
       FROM batch_steps JOIN JSON_TABLE(user_ids, '$[*]' COLUMNS (user_id INT UNSIGNED PATH '$')) AS step
       GROUP BY batch_id, step.user_id HAVING COUNT(*) > 1`,
    );
    const unmarked = await query(
      `SELECT batches.id AS batchId, step.user_id AS userId, 0 AS times
       FROM batch_steps JOIN batches ON batches.id = batch_id
       JOIN JSON_TABLE(user_ids, '$[*]' COLUMNS (user_id INT UNSIGNED PATH '$')) AS step
       WHERE NOT EXISTS (SELECT 1 FROM grade_logs_identity AS log WHERE log.run_id = ${marker} AND log.user_id = step.user_id)`,
    );
    const unselected = await query(
      `SELECT batches.id AS batchId, log.user_id AS userId, 1 AS times FROM batches JOIN grade_logs_identity AS log ON log.run_id = ${marker}
       WHERE NOT EXISTS (SELECT 1 FROM batch_targets AS target WHERE target.batch_id = batches.id AND target.user_id = log.user_id)`,
    );
    const missed = await query(
      `SELECT batches.id AS batchId, target.user_id AS userId, 0 AS times FROM batches JOIN batch_targets AS target ON target.batch_id = batches.id
       WHERE status = 'finished' AND NOT EXISTS
         (SELECT 1 FROM grade_logs_identity AS log WHERE log.run_id = ${marker} AND log.user_id = target.user_id)`,
    );
    return [
      ...repeated.map(({ batchId, userId, times }) => `${times} rounds of batch ${batchId} wrote user ${userId}`),
      ...unmarked.map(({ batchId, userId }) => `a round of batch ${batchId} lists user ${userId}, who has no marker`),
      ...unselected.map(({ batchId, userId }) => `batch ${batchId} wrote user ${userId}, who is not among its users`),
      ...missed.map(({ batchId, userId }) => `the finished batch ${batchId} has not written its user ${userId}`),
    ];
  },
};
