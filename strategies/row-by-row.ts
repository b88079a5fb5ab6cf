/**
 * Renews one user, with a separate read and save for each row. The caller decides whether one transaction or many contain
 * them.
 */
import { totalsOf } from "../workload/rules.ts";
import type { UserState } from "../workload/tables.ts";
import { decideUser, type RunState } from "./steps.ts";
import type { StrategyContext } from "./strategy.ts";

/**
 * @param context its session does all reads and writes
 * @param attempt runs one statement, and retries it if each statement is its own transaction
 * @returns true if the user was a target
 */
export async function renewRowByRow(
  context: StrategyContext,
  state: RunState,
  user: UserState,
  attempt: <T>(statement: () => Promise<T>) => Promise<T>,
): Promise<boolean> {
  const { session, window, changedAt, phase } = context;
  const pending = await decideUser(context, state, user, async () =>
    totalsOf(user.id, await session.paidOrders(user.id, window)),
  );
  if (pending === undefined) return false;
  await phase("badges", async () => {
    for (const { userId, categoryId, active } of pending.badgeChanges) {
      await attempt(() => session.updateOne("badges", { userId, categoryId }, { active, changedAt }));
    }
  });
  await phase("grades", async () => {
    // The log comes first: it stores the previous grade, which a rerun could not read from the updated user.
    const { gradeLog } = pending;
    if (gradeLog !== undefined) await attempt(() => session.insertOne("gradeLogs", gradeLog));
    await attempt(() => session.updateOne("users", { id: user.id }, { grade: pending.newGrade, gradeChangedAt: changedAt }));
  });
  await phase("coupons", async () => {
    for (const issue of pending.couponIssues) await attempt(() => session.insertOne("couponIssues", issue));
  });
  return true;
}
