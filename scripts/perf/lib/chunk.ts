/** The reference of a round: a chunk of one process, which has the fence and neither markers nor steps. */
import { requireMine } from "../../../api/batch/fence.ts";
import { decideLocked, lockUsers, readTotals } from "../../../api/batch/renewal.ts";
import type { RoundParts } from "../../../api/batch/round.ts";
import { writeUsers } from "../../../api/batch/rows.ts";

export async function runChunk(
  { database, job, claim }: Pick<RoundParts, "database" | "job" | "claim">,
  userIds: readonly number[],
): Promise<void> {
  await database.withSession(async (session) => {
    const totals = await readTotals(session, job, userIds);
    await session.transaction(async (transaction) => {
      await requireMine((sql, params) => transaction.rows(sql, params), claim, " FOR SHARE");
      const users = await lockUsers(transaction, userIds, "");
      await writeUsers(transaction, job, await decideLocked(transaction, job, users, totals));
    });
  });
}
