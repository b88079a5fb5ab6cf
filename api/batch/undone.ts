/** The targets of a batch without a marker. */
import type { Database } from "../database/database.ts";
import { batchRunId, GRADE_LOGS } from "../tables.ts";

/** A list of ids up to this length is cheaper than all markers of the run. */
const MAX_LISTED_USERS = 2_000;

/** @returns sorted ids */
export async function readUndone(database: Database, batchId: number): Promise<number[]> {
  const rows = await database.withSession((session) =>
    session.rows<{ userId: number }>(
      `SELECT user_id AS userId FROM batch_targets AS target WHERE batch_id = ? AND NOT EXISTS
         (SELECT 1 FROM ${GRADE_LOGS} AS marker WHERE marker.run_id = ? AND marker.user_id = target.user_id)
       ORDER BY user_id`,
      [batchId, batchRunId(batchId)],
    ),
  );
  return rows.map(({ userId }) => userId);
}

/** Reads only markers: targets never change, and markers never vanish. @param known undone users of an earlier reading */
export async function withoutDone(database: Database, batchId: number, known: readonly number[]): Promise<number[]> {
  if (known.length === 0) return [];
  const markers = `SELECT user_id AS userId FROM ${GRADE_LOGS} WHERE run_id = ?`;
  const rows = await database.withSession((session) =>
    known.length > MAX_LISTED_USERS
      ? session.rows<{ userId: number }>(markers, [batchRunId(batchId)])
      : session.text<{ userId: number }>(`${markers} AND user_id IN (?)`, [batchRunId(batchId), known]),
  );
  const done = new Set(rows.map(({ userId }) => userId));
  return known.filter((userId) => !done.has(userId));
}
