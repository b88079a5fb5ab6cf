/** The service's own tables: creates missing ones, and empties them before a scenario. */
import { readFile } from "node:fs/promises";
import { execute, identifier, select, selectOne, type Connection } from "../lib/connection.ts";
import { BenchError } from "../lib/errors.ts";
import { describeTarget, type ConnectionTarget } from "../lib/target.ts";

const SCHEMA_FILE = new URL("./schema.sql", import.meta.url);

/** The tables whose key the server generates. The API reads and redeems their rows. */
export const COUPON_ISSUES = "coupon_issues_identity";
export const GRADE_LOGS = "grade_logs_identity";

/** Above the run ids of the harness, which numbers its samples from 1. */
const BATCH_RUN_IDS_FROM = 3_000_000_000;

/** The run id in the rows that a batch writes to the workload's tables. */
export const batchRunId = (batchId: number): number => BATCH_RUN_IDS_FROM + batchId;

interface Definition {
  readonly name: string;
  readonly columns: readonly string[];
  readonly create: string;
}

async function definitions(): Promise<Definition[]> {
  const sql = (await readFile(SCHEMA_FILE, "utf8")).replaceAll(/^--.*$/gm, "");
  return [...sql.matchAll(/CREATE TABLE (\w+) \([^;]+;/g)].map(([create, name = ""]) => ({
    name,
    // keys begin with capitals
    columns: [...create.matchAll(/^  ([a-z_]+) /gm)].map(([, column = ""]) => column),
    create: create.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS").slice(0, -1),
  }));
}

/** The missing parts of the service's tables: `inbox`, or `batches.failure` if a table belongs to another version. */
export async function missingApiTables(connection: Connection, schema: string): Promise<string[]> {
  const rows = await select<{ table: string; column: string }>(
    connection,
    "SELECT table_name AS `table`, column_name AS `column` FROM information_schema.columns WHERE table_schema = ?",
    [schema],
  );
  const found = Map.groupBy(rows, ({ table }) => table);
  return (await definitions()).flatMap(({ name, columns }) => {
    const there = found.get(name)?.map(({ column }) => column);
    if (there === undefined) return [name];
    return columns.filter((column) => !there.includes(column)).map((column) => `${name}.${column}`);
  });
}

/** @throws BenchError NOT_SET_UP */
export async function requireApiTables(connection: Connection, target: ConnectionTarget): Promise<void> {
  const missing = await missingApiTables(connection, target.schema);
  if (missing.length === 0) return;
  throw new BenchError(
    "NOT_SET_UP",
    `the service is not set up in ${describeTarget(target)}: ${missing.slice(0, 3).join(", ")}${missing.length > 3 ? ", ..." : ""} missing`,
    "create the data and tables of the service with `bench api setup`",
  );
}

export async function dropApiTables(connection: Connection, schema: string): Promise<void> {
  for (const { name } of await definitions())
    await execute(connection, `DROP TABLE IF EXISTS ${identifier(schema)}.${identifier(name)}`);
}

/** Keeps existing rows, and registers the runs that issued coupons. @param connection in the dataset's schema */
export async function createApiTables(connection: Connection): Promise<void> {
  for (const { create } of await definitions()) await execute(connection, create);
  await execute(connection, "INSERT IGNORE INTO batch_cutoff (id, batch_id, not_before) VALUES (1, 0, '1970-01-01')");
  await execute(connection, "INSERT IGNORE INTO write_keys (token, body_hash) SELECT token, body_hash FROM write_log");
  await execute(connection, "INSERT IGNORE INTO write_keys (token, body_hash) SELECT request_id, body_hash FROM inbox");
  await execute(connection, `INSERT IGNORE INTO coupon_runs (run_id) SELECT DISTINCT run_id FROM ${COUPON_ISSUES}`);
  const { next } = await selectOne<{ next: number }>(connection, "SELECT COALESCE(MAX(id), 0) + 1 AS next FROM orders");
  // The server ignores a value below the highest id that the table has generated.
  await execute(connection, `ALTER TABLE order_ids AUTO_INCREMENT = ${next}`);
}

/** Empties the service's tables after a load. The earlier content describes rows that no longer exist. */
async function emptyApiTables(connection: Connection): Promise<void> {
  for (const { create } of await definitions()) await execute(connection, create);
  for (const { name } of await definitions()) await execute(connection, `TRUNCATE TABLE ${name}`);
  await createApiTables(connection);
}

/** Restores the initial state: no write, no stored write, no batch, and no order that the API created. */
export async function resetApiTables(connection: Connection): Promise<void> {
  const { schema } = await selectOne<{ schema: string }>(connection, "SELECT DATABASE() AS `schema`");
  const missing = await missingApiTables(connection, schema);
  if (!missing.includes("order_ids"))
    await execute(connection, "DELETE orders FROM order_ids JOIN orders ON orders.id = order_ids.id");
  // Tables of another version lack columns, and the statements below would fail.
  if (missing.some((name) => name.includes("."))) await dropApiTables(connection, schema);
  await emptyApiTables(connection);
}
