import { couponIssuesOf, gradeLogsOf, writeInChunks, type PendingUser } from "../../strategies/steps.ts";
import type { NativeVariant, StrategyContext } from "../../strategies/strategy.ts";
import type { MikroSession } from "./session.ts";
import { changeBadges, changeUsers } from "./changes.ts";

/**
 * JPA's flush and clear (https://mikro-orm.io/docs/unit-of-work). The rows of the chunk are entities of one unit of work. Its flush finds the changed ones and writes
 * them: INSERTs of many rows, and UPDATEs of many rows with CASE, 300 rows at a time.
 */
export const nativeVariant: NativeVariant<MikroSession> = {
  api: "native",
  summary: "the unit of work: entities loaded, changed and created in memory, then one flush and clear per chunk",

  // Each transaction has a new entity manager, so a retry starts without the entities of the failed attempt.
  run: (context) => writeInChunks(context, (tx, pending) => writeChunk(context, tx as MikroSession, pending)),
};

/**
 * Phases: one flush writes everything. Its time counts as the phase with most of the rows; the other two contain reads and
 * changes in memory.
 */
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
