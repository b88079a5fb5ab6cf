/** Writes the decisions of one round with many-row statements. */
import type { Grade, UserDecision } from "../../workload/tables.ts";
import type { Statements } from "../database/session.ts";
import { COUPON_ISSUES, GRADE_LOGS } from "../tables.ts";
import type { Job } from "./job.ts";

/**
 * @param decisions at least one
 * @param withMarkers false: another transaction writes the markers, which only a fault does
 */
export async function writeUsers(
  session: Statements,
  { changedAt, runId }: Pick<Job, "changedAt" | "runId">,
  decisions: readonly UserDecision[],
  withMarkers = true,
): Promise<void> {
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
  if (withMarkers) await markUsers(session, { changedAt, runId }, decisions);
  const coupons = decisions.flatMap(({ userId, newGrade, coupons }) =>
    coupons.map(({ couponId, sequence }) => [runId, userId, couponId, sequence, newGrade, changedAt]),
  );
  if (coupons.length > 0)
    await session.text(`INSERT INTO ${COUPON_ISSUES} (run_id, user_id, coupon_id, sequence, grade, issued_at) VALUES ?`, [
      coupons,
    ]);
}

/** The marker that a user is done is its row in the grade log. @param decisions at least one */
export async function markUsers(
  session: Statements,
  { changedAt, runId }: Pick<Job, "changedAt" | "runId">,
  decisions: readonly UserDecision[],
): Promise<void> {
  await session.text(`INSERT INTO ${GRADE_LOGS} (run_id, user_id, previous_grade, new_grade, changed_at) VALUES ?`, [
    decisions.map(({ userId, previousGrade, newGrade }) => [runId, userId, previousGrade, newGrade, changedAt]),
  ]);
}
