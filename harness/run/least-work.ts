/**
 * The least work of the job inside the server. A technique that computes its rows before the clock starts, or reads them from
 * elsewhere, leaves a correct result and touches fewer rows. In 457 honest samples the server wrote at least 1.00001 times and
 * read at least 1.59 times the least work. test/run/least-work.test.ts repeats this check for each library, technique and key.
 */
import { selectOne, type Connection } from "../../lib/connection.ts";
import type { Costs } from "../results/costs-schema.ts";
import { JOB } from "../verify/oracle.ts";

/** The paid orders of the job's window: each technique has to read them, because they decide on badges and grades. */
export async function paidOrdersOfWindow(connection: Connection): Promise<number> {
  const { orders } = await selectOne<{ orders: number }>(
    connection,
    "SELECT COUNT(*) AS orders FROM orders WHERE ordered_at >= ? AND ordered_at < ? AND status = 'paid'",
    [JOB.window.from, JOB.window.to],
  );
  return orders;
}

type RowCounts = Pick<Costs, "rowsInserted" | "rowsUpdated" | "rowsRead">;

interface LeastWork {
  /** new and changed rows of the result */
  readonly rowsWritten: number;
  /** null for an incomplete job, which read an unknown part of them */
  readonly paidOrders: number | null;
}

/** The work of the server, divided by the least work. null: the server does not count it, or the least work is unknown or nothing. */
export function leastWorkRatios(
  { rowsInserted, rowsUpdated, rowsRead }: RowCounts,
  { rowsWritten, paidOrders }: LeastWork,
): { readonly written: number | null; readonly read: number | null } {
  return {
    written:
      rowsInserted === null || rowsUpdated === null || rowsWritten === 0 ? null : (rowsInserted + rowsUpdated) / rowsWritten,
    read: rowsRead === null || paidOrders === null || paidOrders === 0 ? null : rowsRead / paidOrders,
  };
}

/** @returns the reason why the result cannot be the work of the sample; null if it can, or where the server counts no rows */
export function missingWork(counts: RowCounts, least: LeastWork): string | null {
  const { rowsInserted, rowsUpdated, rowsRead } = counts;
  const { rowsWritten, paidOrders } = least;
  const { written, read } = leastWorkRatios(counts, least);
  if (written !== null && written < 1)
    return `the server inserted and updated ${(rowsInserted ?? 0) + (rowsUpdated ?? 0)} rows while the clock ran, and the result has ${rowsWritten} new rows`;
  if (read !== null && read < 1)
    return `the server read ${rowsRead} rows while the clock ran, and the job has to read ${paidOrders} paid orders`;
  return null;
}
