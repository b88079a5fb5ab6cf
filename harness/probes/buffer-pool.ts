/** Warns about a cold buffer pool: counts the pages that the server read from disk while the clock ran. */
import { select, type Connection } from "../../lib/connection.ts";

export interface PoolReads {
  /** pages read from disk since the server started, by all sessions */
  readonly pagesRead: number;
  /** pages in the pool that hold data */
  readonly dataPages: number;
}

/** Fraction of pages read: 0 on a warm pool, a few percent after loading, above 1 with a pool smaller than the data. */
const COLD_FRACTION = 0.05;

/** @returns null if the server shows no counters */
export async function readPoolReads(connection: Connection): Promise<PoolReads | null> {
  try {
    const rows = await select<{ Variable_name: string; Value: string }>(
      connection,
      "SHOW GLOBAL STATUS WHERE Variable_name IN ('Innodb_pages_read', 'Innodb_buffer_pool_pages_data')",
    );
    const values = new Map(rows.map((row) => [row.Variable_name.toLowerCase(), Number(row.Value)]));
    const pagesRead = values.get("innodb_pages_read");
    const dataPages = values.get("innodb_buffer_pool_pages_data");
    return pagesRead === undefined || dataPages === undefined ? null : { pagesRead, dataPages };
  } catch {
    return null;
  }
}

/** @returns null below the limit, or without counters */
export function coldCacheWarning(before: PoolReads | null, after: PoolReads | null): string | null {
  if (before === null || after === null) return null;
  const fraction = (after.pagesRead - before.pagesRead) / Math.max(1, after.dataPages);
  return fraction <= COLD_FRACTION
    ? null
    : `the server read over ${COLD_FRACTION * 100} % of its cached pages from disk while the clock ran (a cold cache, or a buffer pool smaller than the data)`;
}
