import type { ExpressionBuilder } from "kysely";
import { couponIssuesOf, gradeLogsOf, writeInChunks, type PendingUser } from "../../strategies/steps.ts";
import type { NativeVariant, StrategyContext } from "../../strategies/strategy.ts";
import type { BadgeState } from "../../workload/tables.ts";
import { explainHangUp } from "../hang-up.ts";
import type { KyselySession } from "./session.ts";
import type { Database } from "./tables.ts";

/**
 * Typed SQL instead of hand-written SQL, by `case` and `tuple` of Kysely's expression builder
 * (https://kysely-org.github.io/kysely-apidoc/interfaces/ExpressionBuilder.html#case). Each call of `when` copies all earlier
 * branches. So the work of the client grows with the square of the rows in one statement, like the work of the server.
 */
export const nativeVariant: NativeVariant<KyselySession> = {
  api: "builder",
  summary: "one UPDATE per table and chunk by the builder's case(), multi-row INSERT by values()",

  run: (context) => writeInChunks(context, (tx, pending) => writeChunk(context, tx as KyselySession, pending)),
};

async function writeChunk({ changedAt, phase }: StrategyContext, tx: KyselySession, pending: readonly PendingUser[]) {
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

async function updateBadges({ db }: KyselySession, [first, ...others]: readonly BadgeState[], changedAt: Date) {
  if (first === undefined) return;
  const active = (eb: ExpressionBuilder<Database, "badges">) => {
    const isBadge = ({ userId, categoryId }: BadgeState) => eb.and({ user_id: userId, category_id: categoryId });
    let cases = eb.case().when(isBadge(first)).then(first.active);
    for (const badge of others) cases = cases.when(isBadge(badge)).then(badge.active);
    return cases.end().$notNull();
  };
  const badges = [first, ...others];
  const update = db
    .updateTable("badges")
    .set((eb) => ({ active: active(eb), changed_at: changedAt }))
    .where((eb) =>
      eb(
        eb.refTuple("user_id", "category_id"),
        "in",
        badges.map(({ userId, categoryId }) => eb.tuple(userId, categoryId)),
      ),
    );
  await explainHangUp(badges.length, update.execute());
}

async function updateGrades({ db }: KyselySession, [first, ...others]: readonly PendingUser[], changedAt: Date) {
  if (first === undefined) return;
  const grade = (eb: ExpressionBuilder<Database, "users">) => {
    let cases = eb.case("id").when(first.userId).then(first.newGrade);
    for (const { userId, newGrade } of others) cases = cases.when(userId).then(newGrade);
    return cases.end().$notNull();
  };
  const ids = [first, ...others].map(({ userId }) => userId);
  const update = db
    .updateTable("users")
    .set((eb) => ({ grade: grade(eb), grade_changed_at: changedAt }))
    .where("id", "in", ids);
  await explainHangUp(ids.length, update.execute());
}
