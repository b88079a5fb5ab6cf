/** Samples locks and transactions of the server while a scenario runs. Values are null without the privilege. */
import { select, selectOne, serverErrorNumber, type Connection } from "../../lib/connection.ts";
import { PS_PER_MS } from "../probes/server/probe.ts";

/** innodb_trx serves a cached state to queries within 100 ms of each other. */
const EVERY_MS = 150;

export interface LockCounters {
  readonly rowLockWaits: number | null;
  readonly deadlocks: number | null;
}

const METRIC = "SELECT COUNT AS value FROM information_schema.innodb_metrics WHERE NAME = 'lock_deadlocks'";

/** Server-wide counters since the start of the server. */
export async function readLockCounters(connection: Connection): Promise<LockCounters> {
  const [status] = await select<{ Value: string }>(connection, "SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_waits'").catch(() => []);
  const deadlocks = await selectOne<{ value: number | string }>(connection, METRIC).catch(() => null);
  return {
    rowLockWaits: status === undefined ? null : Number(status.Value),
    deadlocks: deadlocks === null ? null : Number(deadlocks.value),
  };
}

interface Seen {
  /** largest number of rows locked by one transaction at one moment; reads lock no rows */
  readonly mostRowsLocked: number | null;
  /** longest observed transaction, with the resolution of the sampling interval */
  readonly longestTransactionMs: number | null;
}

export interface TransactionWatch extends AsyncDisposable {
  seen(): Seen;
}

/** innodb_trx shows statement texts and fails for a text with a binary key, which its character set cannot represent. */
const ER_CANNOT_CONVERT_STRING = 3854;
const LOCKED = "SELECT MAX(trx_rows_locked) AS most FROM information_schema.innodb_trx";
/** The same counts as text, one line per transaction; more work for the server. */
const INNODB_STATUS = "SHOW ENGINE INNODB STATUS";
const ROW_LOCKS = /(\d+) row lock\(s\)/g;
/** In picoseconds, of sessions in this schema. */
const LONGEST = `SELECT MAX(transactions.TIMER_WAIT) AS longest FROM performance_schema.events_transactions_current AS transactions
  JOIN performance_schema.threads AS thread USING (THREAD_ID)
  WHERE transactions.STATE = 'ACTIVE' AND thread.PROCESSLIST_DB = DATABASE()`;

const highest = (one: number | null, other: number | string | null): number | null =>
  other === null ? one : Math.max(one ?? 0, Number(other));

/** Rows locked by the transaction with the most locks. @returns null without an open transaction */
async function readMostRowsLocked(connection: Connection): Promise<number | null> {
  try {
    const { most } = await selectOne<{ most: number | string | null }>(connection, LOCKED);
    return most === null ? null : Number(most);
  } catch (error) {
    if (serverErrorNumber(error) !== ER_CANNOT_CONVERT_STRING) throw error;
    const { Status: text } = await selectOne<{ Status: string }>(connection, INNODB_STATUS);
    const counts = [...text.matchAll(ROW_LOCKS)].map(([, rows]) => Number(rows));
    return counts.length === 0 ? null : Math.max(...counts);
  }
}

/** @param connection exclusive until the watch is disposed */
export function watchTransactions(connection: Connection): TransactionWatch {
  const over = new AbortController();
  let mostRowsLocked: number | null = null;
  let longestTransactionMs: number | null = null;
  const poll = async (): Promise<void> => {
    const { longest } = await selectOne<{ longest: number | string | null }>(connection, LONGEST);
    longestTransactionMs = highest(longestTransactionMs, longest === null ? null : Number(longest) / PS_PER_MS);
    mostRowsLocked = highest(mostRowsLocked, await readMostRowsLocked(connection));
  };
  const polling = (async () => {
    while (!over.signal.aborted) {
      // stop without PROCESS, and after the server ended; other code reports the lost server
      await poll().catch(() => over.abort());
      await new Promise((resume) => setTimeout(resume, EVERY_MS));
    }
  })();
  return {
    seen: () => ({ mostRowsLocked, longestTransactionMs }),
    async [Symbol.asyncDispose]() {
      over.abort();
      await polling;
    },
  };
}
