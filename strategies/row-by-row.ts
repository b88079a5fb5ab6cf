/** One user's renewal, each row read and saved by itself. Whether that is one transaction or many is the caller's matter. */
import { totalsOf } from "../workload/rules.ts";
import type { UserState } from "../workload/tables.ts";
import { decideUser, type RunState } from "./steps.ts";
import type { StrategyContext } from "./strategy.ts";

/**
 * @param context its session does all reads and writes
 * @param attempt runs one statement; retries it where a statement is a transaction of its own
 * @returns whether the user was a target
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
    // The log first: it keeps the previous grade, which a rerun could not find in the updated user any more.
    const { gradeLog } = pending;
    if (gradeLog !== undefined) await attempt(() => session.insertOne("gradeLogs", gradeLog));
    await attempt(() => session.updateOne("users", { id: user.id }, { grade: pending.newGrade, gradeChangedAt: changedAt }));
  });
  await phase("coupons", async () => {
    for (const issue of pending.couponIssues) await attempt(() => session.insertOne("couponIssues", issue));
  });
  return true;
}
