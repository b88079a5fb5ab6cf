import type { OrmSession } from "../orms/orm.ts";
import { couponIssuesOf, gradeLogsOf, writeInChunks, type PendingUser } from "./steps.ts";
import type { Strategy, StrategyContext } from "./strategy.ts";

/**
 * The library's own bulk operations, one transaction per chunk. A bulk update sets the same values in many rows, so the
 * strategy updates users once per grade and badges once per category and state. A chunk of any size needs at most 13
 * updates.
 */
export const strategy: Strategy = {
  id: "chunked",
  summary: "the library's own bulk insert and bulk update per chunk of users, one transaction each",
  requires: ["bulk-insert", "bulk-update"],
  usesChunks: true,
  splitsByUsers: true,
  roundTrips: "per-chunk",

  run: (context) => writeInChunks(context, (tx, pending) => writeChunk(context, tx, pending)),
};

async function writeChunk({ changedAt, phase }: StrategyContext, tx: OrmSession, pending: readonly PendingUser[]): Promise<void> {
  await phase("badges", () => updateBadges(tx, pending, changedAt));
  await phase("grades", async () => {
    await updateGrades(tx, pending, changedAt);
    await tx.insertMany("gradeLogs", gradeLogsOf(pending));
  });
  await phase("coupons", () => tx.insertMany("couponIssues", couponIssuesOf(pending)));
}

export async function updateBadges(tx: OrmSession, pending: readonly PendingUser[], changedAt: Date): Promise<void> {
  const changes = pending.flatMap(({ badgeChanges }) => badgeChanges);
  const groups = Map.groupBy(changes, ({ categoryId, active }) => `${categoryId}/${active}`);
  for (const group of groups.values()) {
    const [{ categoryId, active } = { categoryId: 0, active: false }] = group;
    await tx.updateWhere("badges", { categoryId, userId: group.map(({ userId }) => userId) }, { active, changedAt });
  }
}

export async function updateGrades(tx: OrmSession, pending: readonly PendingUser[], changedAt: Date): Promise<void> {
  for (const [grade, users] of Map.groupBy(pending, ({ newGrade }) => newGrade)) {
    await tx.updateWhere("users", { id: users.map(({ userId }) => userId) }, { grade, gradeChangedAt: changedAt });
  }
}
