/** What the server shows of locks and transactions while a scenario runs. Null where the account may not see it. */
import { select, selectOne, type Connection } from "../../lib/connection.ts";
import { clockMs } from "../clock.ts";

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

/** @param connection nobody else's meanwhile */
export function watchTransactions(connection: Connection): TransactionWatch {
  const over = new AbortController();
  let mostRowsLocked: number | null = null;
  let longestTransactionMs: number | null = null;
  const firstSeenMs = new Map<string, number>();
  const look = async (): Promise<void> => {
    const rows = await select<{ id: string | number; rowsLocked: number | string }>(
      connection,
      "SELECT trx_id AS id, trx_rows_locked AS rowsLocked FROM information_schema.innodb_trx",
    );
    const now = clockMs();
    const open = new Set(rows.map(({ id }) => String(id)));
    for (const id of firstSeenMs.keys()) if (!open.has(id)) firstSeenMs.delete(id);
    for (const { id, rowsLocked } of rows) {
      const since = firstSeenMs.get(String(id)) ?? now;
      firstSeenMs.set(String(id), since);
      mostRowsLocked = Math.max(mostRowsLocked ?? 0, Number(rowsLocked));
      longestTransactionMs = Math.max(longestTransactionMs ?? 0, now - since);
    }
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
