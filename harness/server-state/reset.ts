/** Restores the tables that the job writes, and the optimiser's statistics of them. */
import { DATA_COLUMNS } from "../../fixtures/index.ts";
import { execute, select, selectIfAllowed, selectOne, type Connection } from "../../lib/connection.ts";

/**
 * Empties and refills all tables that the job writes. The job can't change orders, categories and coupons.
 * @param connection without the binary log where the account may disable it: with the log, the refill of 180,000 rows costs 1.8 s
 */
export async function resetOutputs(connection: Connection): Promise<void> {
  const used = await usedTables(connection, await filledTables(connection));
  for (const table of [...used, "badges"]) await execute(connection, `TRUNCATE TABLE ${table}`);
  await refillFromSnapshots(connection);
  await analyse(connection, ["users", "badges", ...used]);
}

/**
 * Restores the rows of the few users for the warm-up. The warm-up needs neither fresh pages nor keys from 1. TRUNCATE and ANALYZE of six
 * tables cost 90 ms of the server's CPU, a sixth of what it did for a small sample.
 */
export async function resetScratch(connection: Connection): Promise<void> {
  const tables = [...(await filledTables(connection)), "badges"];
  await connection.beginTransaction();
  try {
    for (const table of tables) await execute(connection, `DELETE FROM ${table}`);
    await refillFromSnapshots(connection);
    await connection.commit();
  } catch (error) {
    await connection.rollback().catch(() => undefined);
    throw error;
  }
}

/** The file of a table without rows: 7 pages of the usual size. */
const NEW_FILE_BYTES = 7 * 16_384;

/**
 * Tables with rows, or whose file has grown. A table whose rows were rolled back also needs TRUNCATE, which frees the pages. A sample
 * uses the tables of one key storage; TRUNCATE of the other storages took a third of a reset.
 * @returns all tables where the server does not show the files
 */
async function usedTables(connection: Connection, tables: readonly string[]): Promise<string[]> {
  const names = tables.map((table) => `CONCAT(DATABASE(), '/${table}')`).join(", ");
  const files = await selectIfAllowed<{ name: string; bytes: number }>(
    connection,
    `SELECT SUBSTRING_INDEX(name, '/', -1) AS name, file_size AS bytes FROM information_schema.innodb_tablespaces WHERE name IN (${names})`,
  );
  const isNew = new Set(files.filter(({ bytes }) => bytes <= NEW_FILE_BYTES).map(({ name }) => name));
  const used: string[] = [];
  for (const table of tables) {
    const { filled } = await selectOne<{ filled: number }>(connection, `SELECT EXISTS (SELECT 1 FROM ${table}) AS filled`);
    if (filled === 1 || !isNew.has(table)) used.push(table);
  }
  return used;
}

/** Tables that hold only rows of jobs. */
async function filledTables(connection: Connection): Promise<string[]> {
  const tables = await select<{ name: string }>(
    connection,
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()
       AND (table_name LIKE 'grade\\_logs\\_%' OR table_name LIKE 'coupon\\_issues\\_%' OR table_name = 'step_execution_log')`,
  );
  return tables.map(({ name }) => name);
}

const USER_COLUMNS = DATA_COLUMNS.users.filter((column) => column !== "id");

/** As bytes: by collation 'VIP' equals 'vip', and a comparison of times would still be right. */
const differs = (column: string): string => `NOT CAST(users.${column} AS BINARY) <=> CAST(initial.${column} AS BINARY)`;

/**
 * Restores badges and users to the loaded state. The table badges must be empty. Most users keep most columns, so users are compared
 * and only differing rows written.
 */
export async function refillFromSnapshots(connection: Connection): Promise<void> {
  await execute(connection, "INSERT INTO badges SELECT * FROM _snapshot_badges");
  await execute(
    connection,
    `UPDATE users JOIN _snapshot_users AS initial ON initial.id = users.id
     SET ${USER_COLUMNS.map((column) => `users.${column} = initial.${column}`).join(", ")}
     WHERE ${USER_COLUMNS.map(differs).join(" OR ")}`,
  );
  await execute(
    connection,
    "DELETE users FROM users LEFT JOIN _snapshot_users AS initial ON initial.id = users.id WHERE initial.id IS NULL",
  );
  await execute(
    connection,
    "INSERT INTO users SELECT initial.* FROM _snapshot_users AS initial LEFT JOIN users ON users.id = initial.id WHERE users.id IS NULL",
  );
}

/**
 * TRUNCATE leaves the statistics of an empty table, and STATS_AUTO_RECALC=0 keeps them: without ANALYZE, the optimiser took badges for
 * a table of 0 rows. The scan of some pages takes milliseconds. A saved copy of the statistics would need rights on the schema mysql.
 */
async function analyse(connection: Connection, tables: readonly string[]): Promise<void> {
  await select(connection, `ANALYZE NO_WRITE_TO_BINLOG TABLE ${tables.join(", ")}`);
}
