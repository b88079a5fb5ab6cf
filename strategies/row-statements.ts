/**
 * The writes of the techniques that send one statement per row. They differ in the way a statement and its parameter sets
 * travel.
 */
import type { OrmSession, SqlValue } from "../orms/orm.ts";
import { insertColumns, tableName, type InsertRows, type InsertTable, type KeyStorage } from "../workload/tables.ts";
import { couponIssuesOf, gradeLogsOf, writeInChunks, type PendingUser } from "./steps.ts";
import type { StrategyContext } from "./strategy.ts";

/** Sends one statement for each parameter set on the transaction's session. */
type Send = (tx: OrmSession, sql: string, paramSets: readonly (readonly SqlValue[])[]) => Promise<void> | undefined;

export const writeRowStatements = (context: StrategyContext, send: Send): Promise<void> =>
  writeInChunks(context, (tx, pending) => writeChunk(context, tx, pending, send));

async function writeChunk(
  { key, changedAt, phase }: StrategyContext,
  tx: OrmSession,
  pending: readonly PendingUser[],
  send: Send,
): Promise<void> {
  await phase("badges", async () => {
    const changes = pending.flatMap(({ badgeChanges }) => badgeChanges);
    await send(
      tx,
      "UPDATE badges SET active = ?, changed_at = ? WHERE user_id = ? AND category_id = ?",
      changes.map(({ userId, categoryId, active }) => [active ? 1 : 0, changedAt, userId, categoryId]),
    );
  });
  await phase("grades", async () => {
    await send(
      tx,
      "UPDATE users SET grade = ?, grade_changed_at = ? WHERE id = ?",
      pending.map(({ userId, newGrade }) => [newGrade, changedAt, userId]),
    );
    await insertEach(tx, "gradeLogs", key.storage, gradeLogsOf(pending), send);
  });
  await phase("coupons", async () => insertEach(tx, "couponIssues", key.storage, couponIssuesOf(pending), send));
}

async function insertEach<T extends InsertTable>(
  tx: OrmSession,
  table: T,
  storage: KeyStorage,
  rows: readonly InsertRows[T][],
  send: Send,
): Promise<void> {
  const { names, values } = insertColumns(table, storage);
  const marks = names.map(() => "?").join(", ");
  await send(
    tx,
    `INSERT INTO ${tableName(table, storage)} (${names.join(", ")}) VALUES (${marks})`,
    rows.map(values) as SqlValue[][],
  );
}
