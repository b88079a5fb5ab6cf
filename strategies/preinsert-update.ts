import type { OrmSession } from "../orms/orm.ts";
import { couponIssuesOf, gradeLogsOf, writeInChunks, type PendingUser } from "./steps.ts";
import type { Strategy, StrategyContext } from "./strategy.ts";

/** The content of a row before its update. It differs from every real value, so the verification finds a missing update. */
const EMPTY = "" as never;
const EMPTY_TIME = new Date(0);

/**
 * The workaround for server-generated keys if a library cannot insert many such rows at once. A bulk statement first inserts
 * empty rows. Updates then fill them in, and such a library sends updates together.
 */
export const strategy: Strategy = {
  id: "preinsert-update",
  summary: "rows inserted empty in bulk, then filled in by an update each, one transaction per chunk of users",
  requires: ["bulk-insert"],
  usesChunks: true,
  splitsByUsers: true,
  roundTrips: "per-row",

  run: (context) => writeInChunks(context, (tx, pending) => writeChunk(context, tx, pending)),
};

async function writeChunk({ changedAt, phase }: StrategyContext, tx: OrmSession, pending: readonly PendingUser[]): Promise<void> {
  await phase("badges", async () => {
    for (const { userId, categoryId, active } of pending.flatMap(({ badgeChanges }) => badgeChanges))
      await tx.updateOne("badges", { userId, categoryId }, { active, changedAt });
  });
  await phase("grades", async () => {
    const logs = gradeLogsOf(pending);
    await tx.insertMany(
      "gradeLogs",
      logs.map((log) => ({ ...log, previousGrade: EMPTY, newGrade: EMPTY, changedAt: EMPTY_TIME })),
    );
    for (const { runId, userId, previousGrade, newGrade } of logs)
      await tx.updateOne("gradeLogs", { runId, userId }, { previousGrade, newGrade, changedAt });
    for (const { userId, newGrade } of pending)
      await tx.updateOne("users", { id: userId }, { grade: newGrade, gradeChangedAt: changedAt });
  });
  await phase("coupons", async () => {
    const issues = couponIssuesOf(pending);
    await tx.insertMany(
      "couponIssues",
      issues.map((issue) => ({ ...issue, grade: EMPTY, issuedAt: EMPTY_TIME })),
    );
    for (const { runId, userId, couponId, sequence, grade, issuedAt } of issues)
      await tx.updateOne("couponIssues", { runId, userId, couponId, sequence }, { grade, issuedAt });
  });
}
