/**
 * The frame of the techniques that differ in the SQL of their updates: grades and badges by a form of update, logs and coupons
 * by multi-row INSERT.
 */
import type { OrmSession, SqlValue } from "../orms/orm.ts";
import { insertColumns, tableName, type InsertRows, type InsertTable, type KeyStorage } from "../workload/tables.ts";
import { batches, marks, runSteps, stepsOf, type UpdateLimits } from "./many-row-update.ts";
import type { ManyRowUpdate, UpdateForm } from "./update-form.ts";
import { couponIssuesOf, gradeLogsOf, writeInChunks, type PendingUser } from "./steps.ts";
import type { StrategyContext } from "./strategy.ts";

/** The new grades of the users. */
export const gradeUpdate = (pending: readonly Pick<PendingUser, "userId" | "newGrade">[], changedAt: Date): ManyRowUpdate => ({
  table: "users",
  key: [{ name: "id", type: "INT UNSIGNED" }],
  values: [{ name: "grade", type: "VARCHAR(8) CHARACTER SET utf8mb4" }],
  common: [["grade_changed_at", changedAt]],
  unchanged: [
    ["name", ""],
    ["created_at", changedAt],
  ],
  rows: pending.map(({ userId, newGrade }) => [userId, newGrade]),
});

/** The badges that change their state. */
export const badgeUpdate = (pending: readonly PendingUser[], changedAt: Date): ManyRowUpdate => ({
  table: "badges",
  key: [
    { name: "user_id", type: "INT UNSIGNED" },
    { name: "category_id", type: "SMALLINT UNSIGNED" },
  ],
  values: [{ name: "active", type: "TINYINT(1)" }],
  common: [["changed_at", changedAt]],
  unchanged: [],
  rows: pending
    .flatMap(({ badgeChanges }) => badgeChanges)
    .map(({ userId, categoryId, active }) => [userId, categoryId, active ? 1 : 0]),
});

/** @param limits larger statements are split */
export const updateChunks = (context: StrategyContext, form: UpdateForm, limits: UpdateLimits = {}): Promise<void> =>
  writeInChunks(context, async (tx, pending) => {
    const { key, changedAt, phase } = context;
    await phase("badges", () => runSteps(tx, stepsOf(form, badgeUpdate(pending, changedAt), limits)));
    await phase("grades", async () => {
      await runSteps(tx, stepsOf(form, gradeUpdate(pending, changedAt), limits));
      await insertRows(tx, "gradeLogs", key.storage, gradeLogsOf(pending), limits);
    });
    await phase("coupons", () => insertRows(tx, "couponIssues", key.storage, couponIssuesOf(pending), limits));
  });

async function insertRows<T extends InsertTable>(
  tx: OrmSession,
  table: T,
  storage: KeyStorage,
  all: readonly InsertRows[T][],
  limits: UpdateLimits,
): Promise<void> {
  const { names, values } = insertColumns(table, storage);
  const tuple = marks(names);
  for (const rows of batches(all, names.length, limits)) {
    const tuples = rows.map(() => tuple).join(", ");
    await tx.execute(
      `INSERT INTO ${tableName(table, storage)} (${names.join(", ")}) VALUES ${tuples}`,
      rows.flatMap(values) as SqlValue[],
    );
  }
}
