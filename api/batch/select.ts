/**
 * T2: one member selects the users of a batch, once. The users with a paid order in the window do not change after the cut-off,
 * because no later order can fall into the window.
 */
import type { Database } from "../database/database.ts";
import { hasFault } from "../faults.ts";
import type { FlagRows } from "../guards/guard.ts";
import { NotMine, type Claim } from "./fence.ts";
import type { Job } from "./job.ts";

/**
 * @param limitMs for one statement: `wait_timeout` does not end a running one. For a million orders the selection takes about 2 s.
 * @returns false if another member selects at this moment, or has selected
 * @throws NotMine
 */
export async function selectTargets(
  database: Database,
  { batchId, attempt }: Claim,
  { window }: Job,
  flags: FlagRows | null,
  limitMs: number,
): Promise<boolean> {
  return database.transaction(
    async (session) => {
      const [owner] = await session.rows<{ attempt: number }>(
        "SELECT attempt FROM batch_owners WHERE batch_id = ? FOR UPDATE SKIP LOCKED",
        [batchId],
      );
      if (owner === undefined) return false;
      if (owner.attempt !== attempt) throw new NotMine(`batch ${batchId} is no longer in attempt ${attempt}`);
      const [batch] = await session.rows<{ status: string }>("SELECT status FROM batches WHERE id = ?", [batchId]);
      if (batch?.status !== "selecting" && !hasFault("selects-twice")) return false;
      const users = hasFault("selects-without-join") ? "" : "JOIN users u ON u.id = o.user_id";
      // Through the index of orders this takes 6.5 s for a million orders instead of 1.2 s. An order without a user would make
      // a target that no round can finish.
      const { affectedRows: targets } = await session.run(
        `INSERT INTO batch_targets (batch_id, user_id)
         SELECT DISTINCT ?, o.user_id FROM orders o IGNORE INDEX (orders_user_time) ${users}
         WHERE o.ordered_at >= ? AND o.ordered_at < ? AND o.status = 'paid'`,
        [batchId, window.from, window.to],
      );
      await session.run("UPDATE batches SET status = 'running', has_targets = 1, targets = ? WHERE id = ?", [targets, batchId]);
      await flags?.narrow(session, batchId);
      return true;
    },
    { statementMs: limitMs, attempts: 1 },
  );
}
