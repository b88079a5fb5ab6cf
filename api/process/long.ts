/** The style of the original job: row by row in one transaction, which holds every row that it reached until its end. */
import type { UserDecision } from "../../workload/tables.ts";
import { decideLocked, lockUsers, readTotals } from "../batch/renewal.ts";
import type { Job } from "../batch/job.ts";
import type { Statements } from "../database/session.ts";
import { COUPON_ISSUES, GRADE_LOGS } from "../tables.ts";
import type { BatchContext } from "./context.ts";

export async function runLong(context: BatchContext): Promise<void> {
  const { targets, job, signal } = context;
  if (targets.length === 0) return;
  await context.owned(async (session) => {
    for (const [index, userId] of targets.entries()) {
      signal.throwIfAborted();
      const totals = await readTotals(session, job, [userId]);
      const [decision] = await decideLocked(session, job, await lockUsers(session, [userId], ""), totals);
      if (decision !== undefined) await writeRowByRow(session, job, decision);
      // A number, not a sum: the victim of a deadlock begins again.
      context.written(index + 1);
    }
    await context.recordDone(session, targets);
  });
  context.committed(targets);
}

async function writeRowByRow(
  session: Statements,
  { changedAt, runId }: Job,
  { userId, previousGrade, newGrade, badgeChanges, coupons }: UserDecision,
): Promise<void> {
  for (const { categoryId, active } of badgeChanges)
    await session.run("UPDATE badges SET active = ?, changed_at = ? WHERE user_id = ? AND category_id = ?", [
      active ? 1 : 0,
      changedAt,
      userId,
      categoryId,
    ]);
  await session.run(`INSERT INTO ${GRADE_LOGS} (run_id, user_id, previous_grade, new_grade, changed_at) VALUES (?, ?, ?, ?, ?)`, [
    runId,
    userId,
    previousGrade,
    newGrade,
    changedAt,
  ]);
  await session.run("UPDATE users SET grade = ?, grade_changed_at = ? WHERE id = ?", [newGrade, changedAt, userId]);
  for (const { couponId, sequence } of coupons)
    await session.run(
      `INSERT INTO ${COUPON_ISSUES} (run_id, user_id, coupon_id, sequence, grade, issued_at) VALUES (?, ?, ?, ?, ?, ?)`,
      [runId, userId, couponId, sequence, newGrade, changedAt],
    );
}
