import type { OrmSession, SqlValue } from "../orms/orm.ts";
import { insertColumns, tableName, type InsertRows, type InsertTable, type KeyStorage } from "../workload/tables.ts";
import { couponIssuesOf, gradeLogsOf, writeInChunks, type PendingUser } from "./steps.ts";
import type { Strategy, StrategyContext } from "./strategy.ts";

/** One statement per row like `naive`, without a wait for each answer. The difference is the cost of the round trips. */
export const strategy: Strategy = {
  id: "driver-batch",
  summary: "one statement per row, sent in batches by the driver, one transaction per chunk of users",
  requires: ["statement-batch"],
  api: "raw-sql",
  usesChunks: true,
  splitsByUsers: true,
  roundTrips: "per-chunk",

  run: (context) => writeInChunks(context, (tx, pending) => writeChunk(context, tx, pending)),
};

async function writeChunk(
  { key, changedAt, phase }: StrategyContext,
  tx: OrmSession,
  pending: readonly PendingUser[],
): Promise<void> {
  await phase("badges", async () => {
    const changes = pending.flatMap(({ badgeChanges }) => badgeChanges);
    await tx.executeBatch?.(
      "UPDATE badges SET active = ?, changed_at = ? WHERE user_id = ? AND category_id = ?",
      changes.map(({ userId, categoryId, active }) => [active ? 1 : 0, changedAt, userId, categoryId]),
    );
  });
  await phase("grades", async () => {
    await tx.executeBatch?.(
      "UPDATE users SET grade = ?, grade_changed_at = ? WHERE id = ?",
      pending.map(({ userId, newGrade }) => [newGrade, changedAt, userId]),
    );
    await insertBatch(tx, "gradeLogs", key.storage, gradeLogsOf(pending));
  });
  await phase("coupons", () => insertBatch(tx, "couponIssues", key.storage, couponIssuesOf(pending)));
}

async function insertBatch<T extends InsertTable>(
  tx: OrmSession,
  table: T,
  storage: KeyStorage,
  rows: readonly InsertRows[T][],
): Promise<void> {
  const { names, values } = insertColumns(table, storage);
  const marks = names.map(() => "?").join(", ");
  await tx.executeBatch?.(
    `INSERT INTO ${tableName(table, storage)} (${names.join(", ")}) VALUES (${marks})`,
    rows.map(values) as SqlValue[][],
  );
}
