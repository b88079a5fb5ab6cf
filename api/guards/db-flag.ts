import type { Statements } from "../database/session.ts";
import { batchRunId, GRADE_LOGS } from "../tables.ts";
import type { FlagRows, Guard } from "./guard.ts";

const EVERYONE = 0;

/** The targets without a marker. */
const raiseUndone = async (session: Statements, batchId: number): Promise<void> => {
  await session.run(
    `INSERT INTO batch_flags (user_id, batch_id)
     SELECT user_id, batch_id FROM batch_targets AS target WHERE batch_id = ? AND NOT EXISTS
       (SELECT 1 FROM ${GRADE_LOGS} AS marker WHERE marker.run_id = ? AND marker.user_id = target.user_id)`,
    [batchId, batchRunId(batchId)],
  );
};

const flags: FlagRows = {
  async blocks(session, userId) {
    const rows = await session.rows(`SELECT 1 FROM batch_flags WHERE user_id IN (${EVERYONE}, ?) LIMIT 1`, [userId]);
    return rows.length > 0;
  },
  async raiseForEveryone(session, batchId) {
    await session.run("DELETE FROM batch_flags");
    await session.run(`INSERT INTO batch_flags (user_id, batch_id) VALUES (${EVERYONE}, ?)`, [batchId]);
  },
  async raiseForUndone(session, batchId) {
    await session.run("DELETE FROM batch_flags");
    await raiseUndone(session, batchId);
  },
  async narrow(session, batchId) {
    await raiseUndone(session, batchId);
    await session.run(`DELETE FROM batch_flags WHERE user_id = ${EVERYONE} AND batch_id = ?`, [batchId]);
  },
  async lower(session, batchId, userIds) {
    await session.text("DELETE FROM batch_flags WHERE user_id IN (?) AND batch_id = ?", [userIds, batchId]);
  },
  async lowerAll(session, batchId) {
    await session.run("DELETE FROM batch_flags WHERE batch_id = ?", [batchId]);
  },
};

export const guard: Guard = {
  id: "db-flag",
  summary: "flag rows in the database name the users of the batch; every write reads them",
  lockWaitSeconds: 1,
  noWait: false,
  whenLocked: "store",
  usesHints: false,
  flags,
};
