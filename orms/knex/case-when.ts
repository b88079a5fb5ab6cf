import { couponIssuesOf, gradeLogsOf, writeInChunks, type PendingUser } from "../../strategies/steps.ts";
import type { NativeVariant, StrategyContext } from "../../strategies/strategy.ts";
import type { BadgeState } from "../../workload/tables.ts";
import { explainHangUp } from "../hang-up.ts";
import type { KnexSession } from "./session.ts";

/**
 * The builder's UPDATE with a `raw` CASE as value (https://knexjs.org/guide/raw.html), because Knex has no builder for CASE.
 * `whereIn` takes pairs of columns (https://knexjs.org/guide/query-builder.html#wherein).
 */
export const nativeVariant: NativeVariant<KnexSession> = {
  api: "builder",
  summary: "one UPDATE per table and chunk by the builder with a raw CASE, multi-row INSERT by insert()",

  run: (context) => writeInChunks(context, (tx, pending) => writeChunk(context, tx as KnexSession, pending)),
};

async function writeChunk({ changedAt, phase }: StrategyContext, tx: KnexSession, pending: readonly PendingUser[]) {
  await phase("badges", () =>
    updateBadges(
      tx,
      pending.flatMap(({ badgeChanges }) => badgeChanges),
      changedAt,
    ),
  );
  await phase("grades", async () => {
    await updateGrades(tx, pending, changedAt);
    await tx.insertMany("gradeLogs", gradeLogsOf(pending));
  });
  await phase("coupons", () => tx.insertMany("couponIssues", couponIssuesOf(pending)));
}

async function updateBadges({ db }: KnexSession, badges: readonly BadgeState[], changedAt: Date) {
  if (badges.length === 0) return;
  const cases = badges.map(() => "WHEN user_id = ? AND category_id = ? THEN ?").join(" ");
  const active = db.raw(
    `CASE ${cases} END`,
    badges.flatMap(({ userId, categoryId, active }) => [userId, categoryId, active]),
  );
  const keys = badges.map(({ userId, categoryId }) => [userId, categoryId]);
  const update = db("badges").whereIn(["user_id", "category_id"], keys).update({ active, changed_at: changedAt });
  await explainHangUp(badges.length, update);
}

async function updateGrades({ db }: KnexSession, pending: readonly PendingUser[], changedAt: Date) {
  if (pending.length === 0) return;
  const cases = pending.map(() => "WHEN ? THEN ?").join(" ");
  const grade = db.raw(
    `CASE id ${cases} END`,
    pending.flatMap(({ userId, newGrade }) => [userId, newGrade]),
  );
  const ids = pending.map(({ userId }) => userId);
  const update = db("users").whereIn("id", ids).update({ grade, grade_changed_at: changedAt });
  await explainHangUp(pending.length, update);
}
