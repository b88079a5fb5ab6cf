import type { Flags, FlagContext, Guard } from "./guard.ts";

const EVERYONE = 0;
/** One statement stays well below any packet limit. */
const ROWS_PER_STATEMENT = 5_000;

function* portions(userIds: readonly number[]): Generator<readonly number[]> {
  for (let from = 0; from < userIds.length; from += ROWS_PER_STATEMENT) yield userIds.slice(from, from + ROWS_PER_STATEMENT);
}

function createFlags({ database, hasLease }: FlagContext): Flags {
  // the batch renews its lease in the same row that tells how it goes
  const lease = hasLease ? " AND EXISTS (SELECT 1 FROM batches WHERE id = batch_id AND lease_until > UTC_TIMESTAMP(6))" : "";
  const question = `SELECT 1 FROM batch_flags WHERE user_id IN (${EVERYONE}, ?)${lease} LIMIT 1`;
  let raised = 0;
  return {
    blocks: () => false,
    blocksInDatabase: async (session, userId) => (await session.rows(question, [userId])).length > 0,
    async raiseForEveryone(batchId) {
      await database.transaction(async (session) => {
        await session.run("DELETE FROM batch_flags");
        await session.run(`INSERT INTO batch_flags (user_id, batch_id) VALUES (${EVERYONE}, ?)`, [batchId]);
      });
      raised = 1;
    },
    async narrowTo(batchId, userIds) {
      await database.transaction(async (session) => {
        for (const ids of portions(userIds))
          await session.text("INSERT INTO batch_flags (user_id, batch_id) VALUES ?", [ids.map((id) => [id, batchId])]);
        await session.run(`DELETE FROM batch_flags WHERE user_id = ${EVERYONE}`);
      });
      raised = userIds.length;
    },
    async clear(userIds) {
      for (const ids of portions(userIds))
        await database.withSession((session) => session.text("DELETE FROM batch_flags WHERE user_id IN (?)", [ids]));
      raised = Math.max(0, raised - userIds.length);
    },
    async clearAll() {
      await database.withSession((session) => session.run("DELETE FROM batch_flags"));
      raised = 0;
    },
    extendLease() {},
    get raised() {
      return raised;
    },
  };
}

export const guard: Guard = {
  id: "db-flag",
  summary: "rows in the database say whom the batch is at: each write reads them",
  lockWaitSeconds: 1,
  noWait: false,
  whenLocked: "store",
  createFlags,
};
