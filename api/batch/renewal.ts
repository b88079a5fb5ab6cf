/** Reads a batch's users under their row locks and decides what to write for them. */
import { decide } from "../../workload/rules.ts";
import type { BadgeState, Grade, OrderTotal, UserDecision } from "../../workload/tables.ts";
import type { Statements } from "../database/database.ts";
import type { BatchContext } from "./context.ts";

/** Paid orders of the window cannot change any more, so the batch reads them before it locks users. */
export async function readTotals(
  session: Statements,
  { window }: BatchContext,
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
 * Locks the users in id order, as every chunk and every attempt does, to prevent deadlocks between them.
 * @returns one decision per user, without the badges that a client changed after the cut-off
 */
export async function decideLocked(
  session: Statements,
  context: BatchContext,
  userIds: readonly number[],
  totals: readonly OrderTotal[],
): Promise<UserDecision[]> {
  const { assignment, couponByCategory } = context;
  const users = await session.text<{ id: number; grade: Grade }>(
    "SELECT id, grade FROM users WHERE id IN (?) ORDER BY id FOR UPDATE",
    [userIds],
  );
  // Reads badges after the lock: a client that changes a badge holds the user's row until its commit.
  const badges = await session.text<{ userId: number; categoryId: number; active: number }>(
    "SELECT user_id AS userId, category_id AS categoryId, active FROM badges WHERE user_id IN (?)",
    [userIds],
  );
  const overrides = await session.text<{ userId: number; categoryId: number }>(
    "SELECT user_id AS userId, category_id AS categoryId FROM badge_overrides WHERE user_id IN (?) AND after_batch_id >= ?",
    [userIds, assignment.batchId],
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
