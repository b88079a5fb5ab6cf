import { couponIssuesOf, gradeLogsOf, writeInChunks, type PendingUser } from "../../strategies/steps.ts";
import type { NativeVariant, StrategyContext } from "../../strategies/strategy.ts";
import type { MikroSession } from "./session.ts";
import { changeBadges, changeUsers } from "./changes.ts";

/**
 * JPA's flush and clear: the chunk's rows are entities of one unit of work, whose flush finds the changed ones and writes
 * them by itself: INSERTs of many rows, and UPDATEs of many rows by CASE, 300 at a time.
 */
export const nativeVariant: NativeVariant<MikroSession> = {
  api: "native",
  summary: "the unit of work: entities loaded, changed and created in memory, then one flush and clear per chunk",

  // a transaction's session has a new entity manager, so a retry starts without what the failed attempt left in memory
  run: (context) => writeInChunks(context, (tx, pending) => writeChunk(context, tx as MikroSession, pending)),
};

/** Phases: one flush writes everything. It is booked where most of the rows are, the other two hold reads and changes. */
async function writeChunk({ changedAt, phase }: StrategyContext, tx: MikroSession, pending: readonly PendingUser[]) {
  const { em, entities } = tx;
  await phase("badges", () => changeBadges(tx, pending, changedAt));
  await phase("grades", async () => {
    await changeUsers(tx, pending, changedAt);
    for (const log of gradeLogsOf(pending)) em.create(entities.gradeLogs, log);
  });
  await phase("coupons", async () => {
    for (const issue of couponIssuesOf(pending)) em.create(entities.couponIssues, issue);
    await em.flush();
  });
}
