/** The style of short transactions: each locks one chunk of users in id order and writes them with many-row statements. */
import { setTimeout as delay } from "node:timers/promises";
import type { Grade, UserDecision } from "../../workload/tables.ts";
import type { Statements } from "../database/database.ts";
import { COUPON_ISSUES, GRADE_LOGS } from "../tables.ts";
import type { BatchContext } from "./context.ts";
import { decideLocked, readTotals } from "./renewal.ts";

export async function runChunked(context: BatchContext): Promise<void> {
  const { database, targets, signal } = context;
  const { chunkUsers, pauseMs } = context.assignment;
  for (let from = 0; from < targets.length; from += chunkUsers) {
    signal.throwIfAborted();
    if (from > 0 && pauseMs > 0) await delay(pauseMs, undefined, { signal });
    const userIds = targets.slice(from, from + chunkUsers);
    const totals = await database.withSession((session) => readTotals(session, context, userIds));
    await context.owned(async (session) => {
      await writeChunk(session, context, await decideLocked(session, context, userIds, totals));
    });
    context.written(userIds.length);
    context.committed(userIds);
  }
}

async function writeChunk(session: Statements, context: BatchContext, decisions: readonly UserDecision[]): Promise<void> {
  const { changedAt, runId } = context;
  const badges = decisions.flatMap(({ badgeChanges }) =>
    badgeChanges.map(({ userId, categoryId, active }) => [userId, categoryId, active, changedAt]),
  );
  if (badges.length > 0)
    await session.text(
      `INSERT INTO badges (user_id, category_id, active, changed_at) VALUES ? AS new
       ON DUPLICATE KEY UPDATE active = new.active, changed_at = new.changed_at`,
      [badges],
    );
  for (const [grade, users] of Map.groupBy<Grade, UserDecision>(decisions, ({ newGrade }) => newGrade))
    await session.text("UPDATE users SET grade = ?, grade_changed_at = ? WHERE id IN (?)", [
      grade,
      changedAt,
      users.map(({ userId }) => userId),
    ]);
  await session.text(`INSERT INTO ${GRADE_LOGS} (run_id, user_id, previous_grade, new_grade, changed_at) VALUES ?`, [
    decisions.map(({ userId, previousGrade, newGrade }) => [runId, userId, previousGrade, newGrade, changedAt]),
  ]);
  const coupons = decisions.flatMap(({ userId, newGrade, coupons }) =>
    coupons.map(({ couponId, sequence }) => [runId, userId, couponId, sequence, newGrade, changedAt]),
  );
  if (coupons.length > 0)
    await session.text(`INSERT INTO ${COUPON_ISSUES} (run_id, user_id, coupon_id, sequence, grade, issued_at) VALUES ?`, [
      coupons,
    ]);
}
