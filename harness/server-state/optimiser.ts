/** The statistics by which the optimiser plans: for the records, and to find a job that changed them. */
import { execute, select, type Connection } from "../../lib/connection.ts";
import type { OptimiserStatistics } from "../results/optimiser.ts";

/** The job reads or writes them by keys. The growing tables are empty when a sample starts. */
const TABLES = ["orders", "users", "badges"] as const;

interface IndexColumn {
  readonly table: string;
  readonly index: string;
  readonly columns: string;
  readonly distinct: number | string | null;
}

/** MySQL answers from a copy of up to a day without this. MariaDB has no copy and no such variable. */
export async function readCurrentStatistics(connection: Connection): Promise<void> {
  await execute(connection, "SET SESSION information_schema_stats_expiry = 0").catch(() => {});
}

/**
 * @param connection after {@link readCurrentStatistics}
 * @returns null if the server does not show them
 */
export async function readStatistics(connection: Connection, schema: string): Promise<OptimiserStatistics | null> {
  try {
    const tables = await select<{ table: string; rows: number | string }>(
      connection,
      "SELECT table_name AS `table`, table_rows AS `rows` FROM information_schema.tables WHERE table_schema = ? AND table_name IN (?)",
      [schema, TABLES],
    );
    const columns = await select<IndexColumn>(
      connection,
      `SELECT table_name AS \`table\`, index_name AS \`index\`, column_name AS columns, cardinality AS \`distinct\`
       FROM information_schema.statistics WHERE table_schema = ? AND table_name IN (?) ORDER BY table_name, index_name, seq_in_index`,
      [schema, TABLES],
    );
    if (tables.length === 0) return null;
    const ofTable = (name: string) => columns.filter(({ table }) => table === name);
    return Object.fromEntries(
      tables.map(({ table, rows }) => [
        table,
        {
          rows: Number(rows),
          distinct: Object.fromEntries(
            ofTable(table).map((column) => [`${column.index}.${column.columns}`, Number(column.distinct)]),
          ),
        },
      ]),
    );
  } catch {
    return null;
  }
}

/** The tables of which the second statistics were computed on other rows, or by another sample of pages. */
export function changedTables(before: OptimiserStatistics | null, after: OptimiserStatistics | null): string[] {
  if (before === null || after === null) return [];
  return Object.keys(before).filter((table) => {
    const [old, current] = [before[table]?.distinct ?? {}, after[table]?.distinct ?? {}];
    return Object.keys(old).some((index) => isFar(old[index] ?? 0, current[index] ?? 0));
  });
}

/** The server derives the numbers from rounded ones, so that they move by a row or two. */
const TOLERANCE = 0.01;
const isFar = (old: number, current: number): boolean => Math.abs(current - old) > 2 + TOLERANCE * old;
