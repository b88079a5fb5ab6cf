/** Counts the statements that the server executed for one account, by performance_schema. */
import { setTimeout as delay } from "node:timers/promises";
import { clockMs } from "../../lib/clock.ts";
import { select, selectIfAllowed, type Connection } from "../../lib/connection.ts";
import { crowding } from "../../lib/crowding.ts";

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

const UNCOUNTED_POLL_MS = 5;
const UNCOUNTED_LIMIT_MS = 2_000;
/** The wait on a server that shows no current statements, as MariaDB by default. */
const UNSEEN_PAUSE_MS = 50;

/**
 * Waits at most 2 s until the server has counted each statement of the account that it has answered. The server answers a statement before
 * it counts that statement: on a busy machine an honest job got the failure "sent 1 statements between ready and the start of the clock".
 * @param exceptConnectionId a session of the same account to exclude
 */
export async function untilCounted(
  connection: Connection,
  user: string,
  exceptConnectionId: number | null = null,
): Promise<void> {
  const deadline = clockMs() + UNCOUNTED_LIMIT_MS;
  for (;;) {
    const [row] = await selectIfAllowed<{ shown: number; running: string | number | null }>(
      connection,
      `SELECT COUNT(*) AS shown, SUM(END_EVENT_ID IS NULL) AS running
       FROM performance_schema.events_statements_current JOIN performance_schema.threads USING (THREAD_ID)
       WHERE PROCESSLIST_USER = ? AND NOT PROCESSLIST_ID <=> ?`,
      [user, exceptConnectionId],
    );
    if (row === undefined || row.shown === 0) return await delay(UNSEEN_PAUSE_MS * crowding());
    if (Number(row.running) === 0 || clockMs() > deadline) return;
    await delay(UNCOUNTED_POLL_MS);
  }
}
