/** Reads a batch's users under their row locks and decides what to write for them. */
import { decide } from "../../workload/rules.ts";
import type { BadgeState, Grade, OrderTotal, UserDecision } from "../../workload/tables.ts";
import type { Statements } from "../database/session.ts";
import type { Job } from "./job.ts";

export interface LockedUser {
  readonly id: number;
  readonly grade: Grade;
}

/** Paid orders of the window cannot change any more, so a round reads them before it locks users. @param userIds at least one */
export async function readTotals(
  session: Statements,
  { window }: Pick<Job, "window">,
  userIds: readonly number[],
): Promise<OrderTotal[]> {
  const rows = await session.text<{ userId: number; categoryId: number; orders: number; amountWon: string }>(
    `SELECT user_id AS userId, category_id AS categoryId, COUNT(*) AS orders, SUM(amount) AS amountWon FROM orders
     WHERE user_id IN (?) AND ordered_at >= ? AND ordered_at < ? AND status = 'paid' GROUP BY user_id, category_id`,
    [userIds, window.from, window.to],
  );
  return rows.map((row) => ({ ...row, amountWon: Number(row.amountWon) }));
}

/**
 * Locks users in id order, as every round and every attempt does, to prevent deadlocks between them.
 * @param userIds at least one
 * @param mode ` SKIP LOCKED` leaves out users whose row another transaction holds
 */
export const lockUsers = (session: Statements, userIds: readonly number[], mode: "" | " SKIP LOCKED"): Promise<LockedUser[]> =>
  session.text<LockedUser>(`SELECT id, grade FROM users WHERE id IN (?) ORDER BY id FOR UPDATE${mode}`, [userIds]);

/**
 * Reads badges after the lock: a client that changes a badge holds the user's row until its commit.
 * @param users at least one, locked by this transaction
 * @returns one decision per user, without the badges that a client changed after the cut-off
 */
export async function decideLocked(
  session: Statements,
  { batchId, couponByCategory }: Job,
  users: readonly LockedUser[],
  totals: readonly OrderTotal[],
): Promise<UserDecision[]> {
  const userIds = users.map(({ id }) => id);
  const badges = await session.text<{ userId: number; categoryId: number; active: number }>(
    "SELECT user_id AS userId, category_id AS categoryId, active FROM badges WHERE user_id IN (?)",
    [userIds],
  );
  const overrides = await session.text<{ userId: number; categoryId: number }>(
    "SELECT user_id AS userId, category_id AS categoryId FROM badge_overrides WHERE user_id IN (?) AND after_batch_id >= ?",
    [userIds, batchId],
  );
  const overridden = new Set(overrides.map(({ userId, categoryId }) => `${userId}/${categoryId}`));
  const totalsByUser = Map.groupBy(totals, ({ userId }) => userId);
  const badgesByUser = Map.groupBy(badges, ({ userId }) => userId);
  return users.map((user) => {
    const own: BadgeState[] = (badgesByUser.get(user.id) ?? [])
      .filter(({ categoryId }) => !overridden.has(`${user.id}/${categoryId}`))
      .map(({ userId, categoryId, active }) => ({ userId, categoryId, active: active === 1 }));
    return decide(user, totalsByUser.get(user.id) ?? [], own, couponByCategory);
  });
}
