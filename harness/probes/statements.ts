/** Counts the statements that the server executed for one account, by performance_schema. */
import { select, type Connection } from "../../lib/connection.ts";

/** Text statements and executions of prepared ones; not PREPARE, CLOSE, ping and quit, which execute no SQL. */
const COUNTED = "(EVENT_NAME LIKE 'statement/sql/%' OR EVENT_NAME = 'statement/com/Execute')";

/**
 * Statements that the account executed so far.
 * @param exceptConnectionId a session of the same account to exclude
 * @returns null if performance_schema does not count statements, or the account may not read it
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
    // 0 means that the server does not count: even a login executes a statement
    return row === undefined || !Number(row.total) ? null : Number(row.total) - Number(row.apart);
  } catch {
    return null;
  }
}
