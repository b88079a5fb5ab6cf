/**
 * Inserts the rows of earlier runs in the order in which one worker inserts them, and not in the order of the key: pages filled in the
 * order of random keys would be 94 % full, and the first insert into each would split it.
 */
import { execute, identifier, select, selectOne, type Connection } from "../../../lib/connection.ts";
import type { KeyScheme } from "../../../strategies/keys/key.ts";
import { INSERT_TABLES, insertColumns, tableName, type InsertTable } from "../../../workload/tables.ts";

/** Tables with this prefix are dropped with the data. */
export const PREFIX = "_prefill_";

interface Source {
  readonly expected: string;
  /** identify a row of a run, in the order of the inserts */
  readonly order: readonly string[];
  readonly timeColumn: string;
}

const SOURCES: Readonly<Record<InsertTable, Source>> = {
  gradeLogs: { expected: "_expected_grade_logs", order: ["user_id"], timeColumn: "changed_at" },
  couponIssues: {
    expected: "_expected_coupon_issues",
    order: ["user_id", "coupon_id", "sequence"],
    timeColumn: "issued_at",
  },
};

/** The order in which rows of all runs arrived. */
export const arrivalOf = (table: InsertTable): string => ["run_id", ...SOURCES[table].order].join(", ");

/** Rows that one run inserts. */
export async function rowsOfOneRun(connection: Connection): Promise<number> {
  let sum = 0;
  for (const table of INSERT_TABLES) {
    const { rows } = await selectOne<{ rows: number }>(connection, `SELECT COUNT(*) AS \`rows\` FROM ${SOURCES[table].expected}`);
    sum += rows;
  }
  return sum;
}

/**
 * Inserts the rows of one earlier run.
 * @param into a table with the columns of the growing table, which may lack its indexes
 * @param run 1 for the oldest of `times` runs, which lie a month apart
 */
export async function insertRun(
  connection: Connection,
  table: InsertTable,
  into: string,
  key: KeyScheme,
  { run, times }: { readonly run: number; readonly times: number },
): Promise<void> {
  const { expected, order, timeColumn } = SOURCES[table];
  const { rows } = await selectOne<{ rows: number }>(connection, `SELECT COUNT(*) AS \`rows\` FROM ${expected}`);
  const columns = insertColumns(table, key.storage).names.filter((name) => name !== "id" && name !== "run_id");
  const values = columns.map((name) =>
    name === timeColumn ? `DATE_SUB(numbered.${name}, INTERVAL ${times + 1 - run} MONTH)` : `numbered.${name}`,
  );
  const id = key.sqlExpression?.("numbered.row_no") ?? `${(run - 1) * rows} + numbered.row_no`;
  await execute(
    connection,
    `INSERT INTO ${into} (id, run_id, ${columns.join(", ")})
     SELECT ${id}, ${run}, ${values.join(", ")}
     FROM (SELECT ${expected}.*, ROW_NUMBER() OVER (ORDER BY ${order.join(", ")}) AS row_no FROM ${expected}) AS numbered
     ORDER BY row_no`,
  );
}

/** Drops tables that a killed run left. */
export async function dropLeft(connection: Connection): Promise<void> {
  const left = await select<{ name: string }>(
    connection,
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = DATABASE() AND table_name LIKE '${PREFIX.replaceAll("_", String.raw`\_`)}%'`,
  );
  for (const { name } of left) await execute(connection, `DROP TABLE ${identifier(name)}`);
}

export const growingTables = ({ storage }: KeyScheme): { readonly table: InsertTable; readonly name: string }[] =>
  INSERT_TABLES.map((table) => ({ table, name: tableName(table, storage) }));
