/**
 * Waits until the server has finished the background work of the reset or the previous sample: purge, dirty pages, pending
 * flushes. Otherwise the time of the next sample would include that work.
 */
import { selectIfAllowed, type Connection } from "../../lib/connection.ts";
import { clockMs } from "../../lib/clock.ts";

const MAX_HISTORY = 1_000;
const POLL_MS = 100;
/** So many consecutive polls must be quiet: a single quiet poll can fall between two flushes. */
const QUIET_POLLS = 4;
const TIMEOUT_MS = 20_000;
/** The wait on a server that shows no counters. */
const FIXED_PAUSE_MS = 3_000;

/** Readable without a privilege. */
const STATUS_NAMES = [
  "Innodb_buffer_pool_pages_dirty",
  "Innodb_data_pending_fsyncs",
  "Innodb_os_log_pending_fsyncs",
  "Innodb_data_pending_writes",
  // MariaDB and Percona
  "Innodb_history_list_length",
];
/** The history length on MySQL. The query needs PROCESS. */
const HISTORY = "SELECT COUNT AS value FROM information_schema.innodb_metrics WHERE NAME = 'trx_rseg_history_len'";

/** null: the server does not show the counter */
interface Reading {
  history: number | null;
  dirtyPages: number | null;
  pending: number;
}

interface QuiesceResult {
  readonly quiesceMs: number;
  /** for the sample's record; null: the server became quiet */
  readonly warning: string | null;
}

export interface Quiescer {
  /** counters that the server does not show, as sentences for the run's notes */
  readonly notes: readonly string[];
  quiesce(): Promise<QuiesceResult>;
}

async function readStatus(connection: Connection): Promise<Map<string, number>> {
  const rows = await selectIfAllowed<{ Variable_name: string; Value: string }>(
    connection,
    `SHOW GLOBAL STATUS WHERE Variable_name IN (${STATUS_NAMES.map((name) => `'${name}'`).join(", ")})`,
  );
  return new Map(rows.map(({ Variable_name: name, Value: value }) => [name.toLowerCase(), Number(value)]));
}

async function readMetrics(connection: Connection): Promise<number | null> {
  const [row] = await selectIfAllowed<{ value: string | number }>(connection, HISTORY);
  return row === undefined ? null : Number(row.value);
}

async function read(connection: Connection, withMetrics: boolean): Promise<Reading> {
  const status = await readStatus(connection);
  const pending = [...status].filter(([name]) => name.includes("pending")).reduce((sum, [, value]) => sum + value, 0);
  return {
    history: status.get("innodb_history_list_length") ?? (withMetrics ? await readMetrics(connection) : null),
    dirtyPages: status.get("innodb_buffer_pool_pages_dirty") ?? null,
    pending,
  };
}

const isQuiet = (now: Reading, before: Reading): boolean =>
  now.pending === 0 &&
  (now.history === null || (now.history < MAX_HISTORY && now.history === before.history)) &&
  (now.dirtyPages === 0 || now.dirtyPages === before.dirtyPages);

const pause = (ms: number): Promise<void> => new Promise((resume) => setTimeout(resume, ms));

async function quiesceByCounters(connection: Connection, withMetrics: boolean): Promise<string | null> {
  const startedAt = clockMs();
  let before = await read(connection, withMetrics);
  for (let quiet = 0; quiet < QUIET_POLLS;) {
    await pause(POLL_MS);
    const now = await read(connection, withMetrics);
    if (now.dirtyPages === null && now.history === null) return "the server's counters vanished during the wait";
    quiet = isQuiet(now, before) ? quiet + 1 : 0;
    before = now;
    if (quiet < QUIET_POLLS && clockMs() - startedAt > TIMEOUT_MS)
      return `not quiet after ${TIMEOUT_MS / 1000} s: purge history ${now.history ?? "unknown"}, dirty pages ${now.dirtyPages ?? "unknown"}, pending ${now.pending}`;
  }
  return null;
}

/** Finds out which counters the server shows to this account. */
export async function createQuiescer(connection: Connection): Promise<Quiescer> {
  const withMetrics = (await readMetrics(connection)) !== null;
  const { history, dirtyPages } = await read(connection, withMetrics);
  const isBlind = history === null && dirtyPages === null;
  const notes = isBlind
    ? [`The server shows no counters of its leftover work: each sample began after a pause of ${FIXED_PAUSE_MS / 1000} s.`]
    : history === null
      ? ["InnoDB's purge history is not shown to the account (it takes PROCESS): samples began when dirty pages were quiet."]
      : dirtyPages === null
        ? ["The server does not show its dirty pages: samples began when its purge history was quiet."]
        : [];
  return {
    notes,
    async quiesce() {
      const startedAt = clockMs();
      const warning = isBlind ? await pause(FIXED_PAUSE_MS).then(() => null) : await quiesceByCounters(connection, withMetrics);
      return { quiesceMs: clockMs() - startedAt, warning };
    },
  };
}
