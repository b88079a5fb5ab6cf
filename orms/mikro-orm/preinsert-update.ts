import { couponIssuesOf, gradeLogsOf, writeInChunks, type PendingUser } from "../../strategies/steps.ts";
import type { NativeVariant, StrategyContext } from "../../strategies/strategy.ts";
import type { MikroSession } from "./session.ts";
import { changeBadges, changeUsers } from "./changes.ts";

const EMPTY = "" as never;
const EMPTY_TIME = new Date(0);

/**
 * The unit of work (https://mikro-orm.io/docs/unit-of-work) writes the updates. The rows are inserted empty without the unit of work, then loaded, filled in and
 * flushed.
 */
export const nativeVariant: NativeVariant<MikroSession> = {
  api: "native",
  summary: "rows inserted empty in bulk, loaded as entities, filled in, then written by one flush per chunk",

  run: (context) => writeInChunks(context, (tx, pending) => writeChunk(context, tx as MikroSession, pending)),
};

/** Phases: one flush writes all updates. Its time counts as the phase with most of the rows. */
async function writeChunk({ runId, changedAt, phase }: StrategyContext, tx: MikroSession, pending: readonly PendingUser[]) {
  const { em, entities } = tx;
  const userId = { $in: pending.map((user) => user.userId) };
  await phase("badges", () => changeBadges(tx, pending, changedAt));
  await phase("grades", async () => {
    await changeUsers(tx, pending, changedAt);
    const logs = new Map(gradeLogsOf(pending).map((log) => [log.userId, log]));
    await tx.insertMany(
      "gradeLogs",
      [...logs.values()].map((log) => ({ ...log, previousGrade: EMPTY, newGrade: EMPTY, changedAt: EMPTY_TIME })),
    );
    for (const entity of await em.find(entities.gradeLogs, { runId, userId })) {
      const { previousGrade, newGrade } = logs.get(entity.userId) ?? entity;
      Object.assign(entity, { previousGrade, newGrade, changedAt });
    }
  });
  await phase("coupons", async () => {
    await tx.insertMany(
      "couponIssues",
      couponIssuesOf(pending).map((issue) => ({ ...issue, grade: EMPTY, issuedAt: EMPTY_TIME })),
    );
    const grades = new Map(pending.map((user) => [user.userId, user.newGrade]));
    for (const entity of await em.find(entities.couponIssues, { runId, userId })) {
      Object.assign(entity, { grade: grades.get(entity.userId), issuedAt: changedAt });
    }
    await em.flush();
  });
}
