/** What the server shows of locks and transactions while a scenario runs. Null where the account may not see it. */
import { select, selectOne, serverErrorNumber, type Connection } from "../../lib/connection.ts";
import { PS_PER_MS } from "../probes/server/probe.ts";

/** The server shows an old state to whoever asks within a tenth of a second. */
const EVERY_MS = 150;

export interface LockCounters {
  readonly rowLockWaits: number | null;
  readonly deadlocks: number | null;
}

const METRIC = "SELECT COUNT AS value FROM information_schema.innodb_metrics WHERE NAME = 'lock_deadlocks'";

/** Server-wide, since it started. */
export async function readLockCounters(connection: Connection): Promise<LockCounters> {
  const [status] = await select<{ Value: string }>(connection, "SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_waits'").catch(() => []);
  const deadlocks = await selectOne<{ value: number | string }>(connection, METRIC).catch(() => null);
  return {
    rowLockWaits: status === undefined ? null : Number(status.Value),
    deadlocks: deadlocks === null ? null : Number(deadlocks.value),
  };
}

interface Seen {
  /** of one transaction at one moment; nobody's reads lock rows */
  readonly mostRowsLocked: number | null;
  /** as far as looking some times a second can tell */
  readonly longestTransactionMs: number | null;
}

export interface TransactionWatch extends AsyncDisposable {
  seen(): Seen;
}

/** The text of a statement with a key in binary, which this table shows and its own character set can't hold. */
const ER_CANNOT_CONVERT_STRING = 3854;
const LOCKED = "SELECT MAX(trx_rows_locked) AS most FROM information_schema.innodb_trx";
/** The same in words, a line per transaction; it is more work for the server. */
const LOCKED_IN_WORDS = "SHOW ENGINE INNODB STATUS";
const ROW_LOCKS = /(\d+) row lock\(s\)/g;
/** Picoseconds, of the sessions in this schema. */
const LONGEST = `SELECT MAX(transactions.TIMER_WAIT) AS longest FROM performance_schema.events_transactions_current AS transactions
  JOIN performance_schema.threads AS thread USING (THREAD_ID)
  WHERE transactions.STATE = 'ACTIVE' AND thread.PROCESSLIST_DB = DATABASE()`;

const highest = (one: number | null, other: number | string | null): number | null =>
  other === null ? one : Math.max(one ?? 0, Number(other));

/** Of the transaction that has most. @returns null where none is under way */
async function readMostRowsLocked(connection: Connection): Promise<number | null> {
  try {
    const { most } = await selectOne<{ most: number | string | null }>(connection, LOCKED);
    return most === null ? null : Number(most);
  } catch (error) {
    if (serverErrorNumber(error) !== ER_CANNOT_CONVERT_STRING) throw error;
    const { Status: text } = await selectOne<{ Status: string }>(connection, LOCKED_IN_WORDS);
    const counts = [...text.matchAll(ROW_LOCKS)].map(([, rows]) => Number(rows));
    return counts.length === 0 ? null : Math.max(...counts);
  }
}

/** @param connection nobody else's meanwhile */
export function watchTransactions(connection: Connection): TransactionWatch {
  const over = new AbortController();
  let mostRowsLocked: number | null = null;
  let longestTransactionMs: number | null = null;
  const look = async (): Promise<void> => {
    const { longest } = await selectOne<{ longest: number | string | null }>(connection, LONGEST);
    longestTransactionMs = highest(longestTransactionMs, longest === null ? null : Number(longest) / PS_PER_MS);
    mostRowsLocked = highest(mostRowsLocked, await readMostRowsLocked(connection));
  };
  const looking = (async () => {
    while (!over.signal.aborted) {
      // an account without PROCESS sees nothing; neither does anybody once the server is gone, which others will say
      await look().catch(() => over.abort());
      await new Promise((resume) => setTimeout(resume, EVERY_MS));
    }
  })();
  return {
    seen: () => ({ mostRowsLocked, longestTransactionMs }),
    async [Symbol.asyncDispose]() {
      over.abort();
      await looking;
    },
  };
}
