import type { Claim } from "../batch/claim.ts";
import type { Flags, FlagContext, Guard } from "./guard.ts";

const EVERYONE = 0;
/** One statement stays well below any packet limit. */
const ROWS_PER_STATEMENT = 5_000;

/** Its flags, as long as nobody has taken the batch over: a successor's are not another's to lower, of the same batch or the next. */
const OWN = "batch_id = ? AND EXISTS (SELECT 1 FROM batch_owners WHERE batch_owners.batch_id = ? AND attempt = ?)";
const own = ({ batchId, attempt }: Claim): number[] => [batchId, batchId, attempt];

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
          // one that came late from a service that has lost its batch may be there
          await session.text(
            "INSERT INTO batch_flags (user_id, batch_id) VALUES ? AS new ON DUPLICATE KEY UPDATE batch_id = new.batch_id",
            [ids.map((id) => [id, owner.batchId])],
          );
        await session.run(`DELETE FROM batch_flags WHERE user_id = ${EVERYONE} AND ${OWN}`, own(owner));
      });
      raised = userIds.length;
    },
    async clear(owner, userIds) {
      for (const ids of portions(userIds))
        await database.withSession((session) =>
          session.text(`DELETE FROM batch_flags WHERE user_id IN (?) AND ${OWN}`, [ids, ...own(owner)]),
        );
      raised = Math.max(0, raised - userIds.length);
    },
    async clearAll(owner) {
      await database.withSession((session) => session.run(`DELETE FROM batch_flags WHERE ${OWN}`, own(owner)));
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
