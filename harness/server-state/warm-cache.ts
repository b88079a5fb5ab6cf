/**
 * Reads the job's input into the server's memory, once per run. Otherwise the first sample would pay for these reads, which in
 * a run of one round slows one cell only. The load builds the index of orders by sorting, so its pages are only on disk.
 * Without the warm-up, the server read over 5 % of all pages during the first sample.
 */
import { execute, select, type Connection } from "../../lib/connection.ts";
import { INSERT_TABLES, tableName, type KeyStorage } from "../../workload/tables.ts";

/** Each query reads one whole index tree: it sums a column that no other index has, or forces an index. */
const SCANS = [
  "SELECT SUM(amount) FROM orders IGNORE INDEX (orders_user_time)",
  "SELECT SUM(user_id) FROM orders FORCE INDEX (orders_user_time)",
  "SELECT SUM(active) FROM badges",
  "SELECT COUNT(grade) FROM users",
];

/**
 * Reads all indexes of the growing tables, then the job's input. A pool that cannot hold all of them keeps the same part before each
 * sample: without this, a sample would begin with the pages that its neighbour in the round left.
 */
export async function warmAll(connection: Connection, storage: KeyStorage): Promise<void> {
  for (const table of INSERT_TABLES) {
    const name = tableName(table, storage);
    const indexes = await select<{ name: string }>(
      connection,
      "SELECT DISTINCT index_name AS name FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = ?",
      [name],
    );
    // run_id is in each index, so that the scan needs no other one
    for (const index of indexes) await execute(connection, `SELECT SUM(run_id) FROM ${name} FORCE INDEX (${index.name})`);
  }
  await warmCache(connection);
}

/** Takes about 1 s for a million orders. */
export async function warmCache(connection: Connection): Promise<void> {
  for (const scan of SCANS) await execute(connection, scan);
}
