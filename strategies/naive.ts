import { totalsOf } from "../workload/rules.ts";
import { begin, decideUser, end, usersInChunks } from "./steps.ts";
import type { Strategy } from "./strategy.ts";

/** Each row read and saved by itself, each statement its own transaction. */
export const strategy: Strategy = {
  id: "naive",
  summary: "per user: read, decide, save row by row, autocommit, as a getting-started page does",
  requires: [],
  usesChunks: false,

  async run(context) {
    const { session, window, changedAt, phase, retry } = context;
    const state = await begin(context);
    for await (const users of usersInChunks(context)) {
      for (const user of users) {
        const pending = await decideUser(context, state, user, async () =>
          totalsOf(user.id, await session.paidOrders(user.id, window)),
        );
        if (pending === undefined) {
          context.finished(user.id, 0);
          continue;
        }
        await phase("badges", async () => {
          for (const { userId, categoryId, active } of pending.badgeChanges) {
            await retry(() => session.updateOne("badges", { userId, categoryId }, { active, changedAt }));
          }
        });
        await phase("grades", async () => {
          // The log first: it keeps the previous grade, which a rerun could not find in the updated user any more.
          const { gradeLog } = pending;
          if (gradeLog !== undefined) await retry(() => session.insertOne("gradeLogs", gradeLog));
          await retry(() => session.updateOne("users", { id: user.id }, { grade: pending.newGrade, gradeChangedAt: changedAt }));
        });
        await phase("coupons", async () => {
          for (const issue of pending.couponIssues) await retry(() => session.insertOne("couponIssues", issue));
        });
        session.clear();
        context.finished(user.id, 1);
      }
    }
    await end(context);
  },
};
