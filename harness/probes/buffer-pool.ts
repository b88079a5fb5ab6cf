/** Whether what a sample needed was in memory: pages that the server had to read from its disk while the clock ran. */
import { select, type Connection } from "../../lib/connection.ts";

export interface PoolReads {
  /** pages read from disk so far, by anybody */
  readonly pagesRead: number;
  /** pages that hold data now */
  readonly dataPages: number;
}

/** On a warm pool it is none at all; after loading a few percent; with a pool smaller than the data a multiple of it. */
const COLD_FRACTION = 0.05;

/** @returns null where the server shows no counters */
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

/** @returns null when there is nothing to warn of, or nothing is known */
export function coldCacheWarning(before: PoolReads | null, after: PoolReads | null): string | null {
  if (before === null || after === null) return null;
  const fraction = (after.pagesRead - before.pagesRead) / Math.max(1, after.dataPages);
  return fraction <= COLD_FRACTION
    ? null
    : `pages read from disk while the clock ran: over ${COLD_FRACTION * 100} % of those in memory (a cold cache, or a buffer pool smaller than the data)`;
}
