import type { OrmSession, SqlValue } from "../orms/orm.ts";
import { insertColumns, tableName, type InsertRows, type InsertTable, type KeyStorage } from "../workload/tables.ts";
import { couponIssuesOf, gradeLogsOf, writeInChunks, type PendingUser } from "./steps.ts";
import type { Strategy, StrategyContext } from "./strategy.ts";

/** MySQL's limit for one prepared statement. Libraries that prepare raw SQL fail beyond it (error 1390). */
const MAX_PLACEHOLDERS = 65_535;

export const strategy: Strategy = {
  id: "case-when",
  summary: "one UPDATE ... CASE WHEN per table and chunk, multi-row INSERT, hand-written SQL",
  requires: ["raw-sql"],
  api: "raw-sql",
  usesChunks: true,
  splitsByUsers: true,
  roundTrips: "per-chunk",

  run: (context) => caseWhen(context, MAX_PLACEHOLDERS),
};

/** @param maxPlaceholders limit per statement; larger statements are split */
export const caseWhen = (context: StrategyContext, maxPlaceholders: number): Promise<void> =>
  writeInChunks(context, (tx, pending) => writeChunk(context, tx, pending, maxPlaceholders));

async function writeChunk(
  { key, changedAt, phase }: StrategyContext,
  tx: OrmSession,
  pending: readonly PendingUser[],
  maxPlaceholders: number,
): Promise<void> {
  await phase("badges", () => updateBadges(tx, pending, changedAt, maxPlaceholders));
  await phase("grades", async () => {
    await updateGrades(tx, pending, changedAt, maxPlaceholders);
    await insertRows(tx, "gradeLogs", key.storage, gradeLogsOf(pending), maxPlaceholders);
  });
  await phase("coupons", () => insertRows(tx, "couponIssues", key.storage, couponIssuesOf(pending), maxPlaceholders));
}

/** The server evaluates the CASE for every row, so its work grows with the square of the rows in one statement. */
async function updateBadges(
  tx: OrmSession,
  pending: readonly PendingUser[],
  changedAt: Date,
  maxPlaceholders: number,
): Promise<void> {
  const perRow = 5;
  for (const rows of batches(
    pending.flatMap(({ badgeChanges }) => badgeChanges),
    perRow,
    maxPlaceholders,
  )) {
    const cases = rows.map(() => "WHEN user_id = ? AND category_id = ? THEN ?").join(" ");
    const keys = rows.map(() => "(?, ?)").join(", ");
    await tx.execute(`UPDATE badges SET active = CASE ${cases} END, changed_at = ? WHERE (user_id, category_id) IN (${keys})`, [
      ...rows.flatMap(({ userId, categoryId, active }) => [userId, categoryId, active ? 1 : 0]),
      changedAt,
      ...rows.flatMap(({ userId, categoryId }) => [userId, categoryId]),
    ]);
  }
}

async function updateGrades(
  tx: OrmSession,
  pending: readonly PendingUser[],
  changedAt: Date,
  maxPlaceholders: number,
): Promise<void> {
  const perRow = 3;
  for (const rows of batches(pending, perRow, maxPlaceholders)) {
    const cases = rows.map(() => "WHEN ? THEN ?").join(" ");
    const keys = rows.map(() => "?").join(", ");
    await tx.execute(`UPDATE users SET grade = CASE id ${cases} END, grade_changed_at = ? WHERE id IN (${keys})`, [
      ...rows.flatMap(({ userId, newGrade }) => [userId, newGrade]),
      changedAt,
      ...rows.map(({ userId }) => userId),
    ]);
  }
}

async function insertRows<T extends InsertTable>(
  tx: OrmSession,
  table: T,
  storage: KeyStorage,
  all: readonly InsertRows[T][],
  maxPlaceholders: number,
): Promise<void> {
  const { names, values } = insertColumns(table, storage);
  const marks = `(${names.map(() => "?").join(", ")})`;
  for (const rows of batches(all, names.length, maxPlaceholders)) {
    const tuples = rows.map(() => marks).join(", ");
    await tx.execute(
      `INSERT INTO ${tableName(table, storage)} (${names.join(", ")}) VALUES ${tuples}`,
      rows.flatMap(values) as SqlValue[],
    );
  }
}

/**
 * Splits rows so that no statement exceeds its placeholders, with one placeholder for the change time. Yields nothing
 * without rows.
 */
function* batches<Row>(rows: readonly Row[], placeholdersPerRow: number, maxPlaceholders: number): Generator<readonly Row[]> {
  const size = Math.floor((maxPlaceholders - 1) / placeholdersPerRow);
  for (let start = 0; start < rows.length; start += size) yield rows.slice(start, start + size);
}
