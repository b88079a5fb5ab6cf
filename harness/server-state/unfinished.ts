/**
 * Finds work of a job outside of its measured time: before the clock starts and when the job reports its end, each of its sessions must be
 * idle and without a transaction. Without this check, 28 of 28 samples passed that did not await their COMMIT: the verification began
 * after the COMMIT. Before the clock, an open transaction hid all rows of the job from the check of the rows.
 */
import { setTimeout as delay } from "node:timers/promises";
import { execute, select, selectIfAllowed, type Connection } from "../../lib/connection.ts";
import type { ServerSession } from "../../lib/sessions.ts";

/** @returns a part of a sentence about the first unfinished session, such as `a statement was still running: ...`; null: all are finished */
export type FindUnfinished = () => Promise<string | null>;

interface BusySession {
  readonly statement: string | null;
  readonly isRunning: boolean;
}

/** Commands with an answer. Libraries close prepared statements without waiting, because the server sends no answer. */
const ANSWERED = new Set(["Query", "Execute", "Prepare", "Fetch", "Field List"]);
/**
 * The statement is over: its rows are written, or committed with autocommit, and the server has sent the answer or sends it next. A
 * prepared statement keeps "closing tables" until the server cleans up. On a busy machine an honest sample failed, whose answer was sent.
 */
const ANSWERED_STATES = new Set(["closing tables", "freeing items", "cleaning up", "reset for next command"]);

const isRunning = (command: string | null, state: string | null): boolean =>
  command !== null && ANSWERED.has(command) && !ANSWERED_STATES.has((state ?? "").toLowerCase());

const MAX_STATEMENT_CHARS = 160;

function describe(sessions: readonly BusySession[]): string | null {
  const found = sessions.find((session) => session.isRunning) ?? sessions[0];
  if (found === undefined) return null;
  const text = (found.statement ?? "an unknown one").replaceAll(/\s+/g, " ").trim();
  const statement = text.length > MAX_STATEMENT_CHARS ? `${text.slice(0, MAX_STATEMENT_CHARS)}...` : text;
  return found.isRunning
    ? `a statement was still running: ${statement}`
    : `a transaction was still open; its last statement was: ${statement}`;
}

/** Sessions of one account by performance_schema, which shows statements without values and caches nothing. */
function byPerformanceSchema(admin: Connection, account: MeasuredAccount): FindUnfinished {
  return async () => {
    const rows = await select<{ thread: number; command: string | null; state: string | null; digest: string | null }>(
      admin,
      `SELECT t.THREAD_ID AS thread, t.PROCESSLIST_COMMAND AS command, t.PROCESSLIST_STATE AS state, s.DIGEST_TEXT AS digest
       FROM performance_schema.threads AS t
       LEFT JOIN performance_schema.events_statements_current AS s ON s.THREAD_ID = t.THREAD_ID AND s.NESTING_EVENT_LEVEL = 0
       LEFT JOIN performance_schema.events_transactions_current AS x ON x.THREAD_ID = t.THREAD_ID
       WHERE t.PROCESSLIST_USER = ? AND t.PROCESSLIST_ID <> ? AND (t.PROCESSLIST_COMMAND <> 'Sleep' OR x.STATE = 'ACTIVE')`,
      [account.user, account.ownConnectionId],
    );
    const busy = rows
      .map((row) => ({ ...row, statement: row.digest, isRunning: isRunning(row.command, row.state) }))
      .filter(({ command, isRunning: runs }) => runs || command === "Sleep")
      .toSorted((a, b) => Number(b.isRunning) - Number(a.isRunning));
    const [first, ...others] = busy;
    if (first === undefined) return null;
    return describe([{ ...first, statement: first.statement ?? (await lastStatement(admin, first.thread)) }, ...others]);
  };
}

const LOOKS = 10;
const LOOK_EVERY_MS = 20;

/** A statement that the server has only begun to parse has no text yet: on a busy machine, a failure named "an unknown one". */
async function lastStatement(admin: Connection, thread: number): Promise<string | null> {
  for (let look = 1; look <= LOOKS; look += 1) {
    const [row] = await select<{ digest: string | null }>(
      admin,
      "SELECT DIGEST_TEXT AS digest FROM performance_schema.events_statements_current WHERE THREAD_ID = ? AND NESTING_EVENT_LEVEL = 0",
      [thread],
    );
    if (row === undefined || row.digest !== null) return row?.digest ?? null;
    await delay(LOOK_EVERY_MS);
  }
  return null;
}

interface ListedSession {
  readonly Id: number;
  readonly User: string;
  readonly db: string | null;
  readonly Command: string;
  readonly State: string | null;
  readonly Info: string | null;
}

/**
 * Sessions by SHOW PROCESSLIST, which every account may use for its own sessions.
 * @param transactions ids of the sessions with an open InnoDB transaction; null: the account may not see them
 */
function byProcessList(
  observer: () => Connection,
  isMeasured: (session: ServerSession) => boolean,
  transactions: (() => Promise<ReadonlySet<number>>) | null,
): FindUnfinished {
  return async () => {
    const listed = await select<ListedSession>(observer(), "SHOW PROCESSLIST");
    const own = listed.filter(({ Id, User, db }) => isMeasured({ id: Id, user: User, schema: db }));
    const running = own
      .filter(({ Command, State }) => isRunning(Command, State))
      .map(({ Info }) => ({ statement: Info, isRunning: true }));
    if (running.length > 0) return describe(running);
    const open = (await transactions?.()) ?? new Set<number>();
    return describe(own.filter(({ Id }) => open.has(Id)).map(() => ({ statement: null, isRunning: false })));
  };
}

/** At most one read in 0.1 s: InnoDB answers further ones from a cache. */
const innodbTransactions = (admin: Connection) => async (): Promise<ReadonlySet<number>> => {
  const rows = await select<{ id: number | string }>(
    admin,
    "SELECT trx_mysql_thread_id AS id FROM information_schema.innodb_trx",
  );
  return new Set(rows.map(({ id }) => Number(id)));
};

/** @returns true if performance_schema shows this session's transaction to this account */
async function seesTransactions(admin: Connection): Promise<boolean> {
  await execute(admin, "START TRANSACTION");
  try {
    const rows = await selectIfAllowed<{ state: string }>(
      admin,
      `SELECT x.STATE AS state FROM performance_schema.threads AS t
       JOIN performance_schema.events_statements_current AS s ON s.THREAD_ID = t.THREAD_ID AND s.NESTING_EVENT_LEVEL = 0
       JOIN performance_schema.events_transactions_current AS x ON x.THREAD_ID = t.THREAD_ID
       WHERE t.PROCESSLIST_ID = CONNECTION_ID()`,
    );
    return rows.some(({ state }) => state === "ACTIVE");
  } finally {
    await execute(admin, "ROLLBACK");
  }
}

interface MeasuredAccount {
  readonly user: string;
  /** the session of the harness in the account; it changes when a job ended that session */
  readonly ownConnectionId: number;
}

interface MeasuredSessions {
  readonly admin: Connection;
  /** of the account of the children, so that it may list their sessions */
  readonly observer: () => Connection;
  readonly isMeasured: (session: ServerSession) => boolean;
  /** the separate account; null: the children share the account of the harness */
  readonly account: MeasuredAccount | null;
}

const OPEN_TRANSACTIONS_UNSEEN =
  "Transactions that a job left open at its end were not looked for: the account may not see them (it takes PROCESS).";

/** Finds out what the server shows to the account. */
export async function openUnfinished(
  sessions: MeasuredSessions,
): Promise<{ readonly find: FindUnfinished; readonly notes: readonly string[] }> {
  const { admin, observer, isMeasured, account } = sessions;
  if (account !== null && (await seesTransactions(admin))) return { find: byPerformanceSchema(admin, account), notes: [] };
  const transactions = innodbTransactions(admin);
  const isVisible = await transactions().then(
    () => true,
    () => false,
  );
  return {
    find: byProcessList(observer, isMeasured, isVisible ? transactions : null),
    notes: isVisible ? [] : [OPEN_TRANSACTIONS_UNSEEN],
  };
}
