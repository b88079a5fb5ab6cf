/** How many statements the server executed for one account, by its own count. */
import { select, type Connection } from "../../lib/connection.ts";

/**
 * Statements executed so far: SQL as text, and executions of prepared statements. Protocol chatter (PREPARE, CLOSE, ping,
 * quit) is left out: it costs round trips but runs nothing.
 * @returns null where performance_schema does not count
 */
export async function countStatements(connection: Connection, user: string): Promise<number | null> {
  try {
    const [row] = await select<{ total: string | number | null }>(
      connection,
      `SELECT SUM(COUNT_STAR) AS total FROM performance_schema.events_statements_summary_by_account_by_event_name
       WHERE USER = ? AND (EVENT_NAME LIKE 'statement/sql/%' OR EVENT_NAME = 'statement/com/Execute')`,
      [user],
    );
    return row?.total === null || row === undefined ? null : Number(row.total);
  } catch {
    return null;
  }
}
