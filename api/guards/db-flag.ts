import type { Claim } from "../batch/claim.ts";
import type { Flags, FlagContext, Guard } from "./guard.ts";

const EVERYONE = 0;
/** Keeps a statement far below any packet limit. */
const ROWS_PER_STATEMENT = 5_000;

/** Restricts a statement to the flags of this attempt. Flags of a later attempt, of this batch or the next, must stay. */
const OWNED = "batch_id = ? AND EXISTS (SELECT 1 FROM batch_owners WHERE batch_owners.batch_id = ? AND attempt = ?)";
const own = ({ batchId, attempt }: Claim): number[] => [batchId, batchId, attempt];

function* portions(userIds: readonly number[]): Generator<readonly number[]> {
  for (let from = 0; from < userIds.length; from += ROWS_PER_STATEMENT) yield userIds.slice(from, from + ROWS_PER_STATEMENT);
}

function createFlags({ database, hasLease }: FlagContext): Flags {
  // The batch renews its lease in its progress row.
  const lease = hasLease ? " AND EXISTS (SELECT 1 FROM batches WHERE id = batch_id AND lease_until > UTC_TIMESTAMP(6))" : "";
  const query = `SELECT 1 FROM batch_flags WHERE user_id IN (${EVERYONE}, ?)${lease} LIMIT 1`;
  let raised = 0;
  return {
    blocks: () => false,
    blocksInDatabase: async (session, userId) => (await session.rows(query, [userId])).length > 0,
    async raiseForEveryone({ batchId }) {
      await database.transaction(async (session) => {
        await session.run("DELETE FROM batch_flags");
        await session.run(`INSERT INTO batch_flags (user_id, batch_id) VALUES (${EVERYONE}, ?)`, [batchId]);
      });
      raised = 1;
    },
    async narrowTo(owner, userIds) {
      await database.transaction(async (session) => {
        for (const ids of portions(userIds))
          // A late message of a replaced batch process may already have inserted the row.
          await session.text(
            "INSERT INTO batch_flags (user_id, batch_id) VALUES ? AS new ON DUPLICATE KEY UPDATE batch_id = new.batch_id",
            [ids.map((id) => [id, owner.batchId])],
          );
        await session.run(`DELETE FROM batch_flags WHERE user_id = ${EVERYONE} AND ${OWNED}`, own(owner));
      });
      raised = userIds.length;
    },
    async clear(owner, userIds) {
      for (const ids of portions(userIds))
        await database.withSession((session) =>
          session.text(`DELETE FROM batch_flags WHERE user_id IN (?) AND ${OWNED}`, [ids, ...own(owner)]),
        );
      raised = Math.max(0, raised - userIds.length);
    },
    async clearAll(owner) {
      await database.withSession((session) => session.run(`DELETE FROM batch_flags WHERE ${OWNED}`, own(owner)));
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
  summary: "flag rows in the database name the users of the batch; every write reads them",
  lockWaitSeconds: 1,
  noWait: false,
  whenLocked: "store",
  createFlags,
};
