/** How many statements the server executed for one account, by its own count. */
import { select, type Connection } from "../../lib/connection.ts";

/** SQL as text, and executions of prepared statements; not PREPARE, CLOSE, ping and quit, which cost round trips alone. */
const COUNTED = "(EVENT_NAME LIKE 'statement/sql/%' OR EVENT_NAME = 'statement/com/Execute')";

/**
 * Statements executed so far.
 * @param exceptConnectionId a session of the same account whose statements are none of the measured ones
 * @returns null where performance_schema does not count, or may not be read
 */
export async function countStatements(
  connection: Connection,
  user: string,
  exceptConnectionId: number | null = null,
): Promise<number | null> {
  try {
    const [row] = await select<{ total: string | number | null; apart: string | number | null }>(
      connection,
      `SELECT (SELECT SUM(COUNT_STAR) FROM performance_schema.events_statements_summary_by_account_by_event_name
               WHERE USER = ? AND ${COUNTED}) AS total,
              (SELECT SUM(COUNT_STAR) FROM performance_schema.events_statements_summary_by_thread_by_event_name
               JOIN performance_schema.threads USING (THREAD_ID) WHERE PROCESSLIST_ID = ? AND ${COUNTED}) AS apart`,
      [user, exceptConnectionId],
    );
    // an account that has executed nothing is one whose statements are not counted: its first one was to log in
    return row === undefined || !Number(row.total) ? null : Number(row.total) - Number(row.apart);
  } catch {
    return null;
  }
}
