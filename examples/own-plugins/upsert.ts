/** Users and badges by one INSERT ... ON DUPLICATE KEY UPDATE per table and chunk, logs and coupons in bulk. */
import {
  couponIssuesOf,
  gradeLogsOf,
  writeInChunks,
  type OrmSession,
  type PendingUser,
  type SqlValue,
  type Strategy,
  type StrategyContext,
} from "orm-shootout/plugin";

/**
 * With 5 columns a statement stays below the 65,535 placeholders of a prepared statement: some libraries prepare
 * hand-written SQL.
 */
const ROWS_PER_STATEMENT = 10_000;

export const strategy: Strategy = {
  id: "my-upsert",
  summary: "one INSERT ... ON DUPLICATE KEY UPDATE per table and chunk of users",
  requires: ["bulk-insert", "raw-sql"],
  api: "raw-sql",
  usesChunks: true,
  splitsByUsers: true,

  run: (context) => writeInChunks(context, (tx, pending) => writeChunk(context, tx, pending)),
};

async function writeChunk({ changedAt, phase }: StrategyContext, tx: OrmSession, pending: readonly PendingUser[]): Promise<void> {
  await phase("badges", async () => {
    const changes = pending.flatMap(({ badgeChanges }) => badgeChanges);
    const rows = changes.map(({ userId, categoryId, active }) => [userId, categoryId, active ? 1 : 0, changedAt]);
    await upsert(tx, "badges", ["user_id", "category_id", "active", "changed_at"], ["active", "changed_at"], rows);
  });
  await phase("grades", async () => {
    // `name` and `created_at` have no default. Without them the server would refuse the INSERT, although it never inserts a
    // row.
    const rows = pending.map(({ userId, newGrade }) => [userId, newGrade, changedAt, "", changedAt]);
    const columns = ["id", "grade", "grade_changed_at", "name", "created_at"];
    await upsert(tx, "users", columns, ["grade", "grade_changed_at"], rows);
    await tx.insertMany("gradeLogs", gradeLogsOf(pending));
  });
  await phase("coupons", () => tx.insertMany("couponIssues", couponIssuesOf(pending)));
}

async function upsert(
  tx: OrmSession,
  table: string,
  columns: readonly string[],
  updated: readonly string[],
  rows: readonly (readonly SqlValue[])[],
): Promise<void> {
  const marks = `(${columns.map(() => "?").join(", ")})`;
  const assignments = updated.map((column) => `${column} = new.${column}`).join(", ");
  for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
    const some = rows.slice(start, start + ROWS_PER_STATEMENT);
    await tx.execute(
      `INSERT INTO ${table} (${columns.join(", ")}) VALUES ${some.map(() => marks).join(", ")} AS new
       ON DUPLICATE KEY UPDATE ${assignments}`,
      some.flat(),
    );
  }
}
