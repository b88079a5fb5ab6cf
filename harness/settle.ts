/**
 * Waits until the server has no work left over from the reset or the sample before: purge, dirty pages, pending flushes.
 * What is left over would be paid by the next sample.
 */
import { select, type Connection } from "../lib/connection.ts";
import { clockMs } from "./clock.ts";

const MAX_HISTORY = 1_000;
const POLL_MS = 100;
/** The state must hold for this many polls in a row; a single quiet poll can fall between two flushes. */
const QUIET_POLLS = 4;
const TIMEOUT_MS = 20_000;
/** Where the server shows no counters. */
const FIXED_PAUSE_MS = 3_000;

interface Reading {
  history: number;
  dirtyPages: number;
  pending: number;
}

export interface Settled {
  readonly settleMs: number;
  /** what to note on the record; null when the server became quiet */
  readonly warning: string | null;
}

async function read(connection: Connection): Promise<Reading | null> {
  try {
    const rows = await select<{ name: string; value: string | number }>(
      connection,
      `SELECT 'history' AS name, COUNT AS value FROM information_schema.innodb_metrics WHERE NAME = 'trx_rseg_history_len'
       UNION ALL SELECT LOWER(VARIABLE_NAME), VARIABLE_VALUE FROM performance_schema.global_status
       WHERE VARIABLE_NAME IN ('Innodb_buffer_pool_pages_dirty', 'Innodb_data_pending_fsyncs', 'Innodb_os_log_pending_fsyncs', 'Innodb_data_pending_writes')`,
    );
    const values = new Map(rows.map(({ name, value }) => [name, Number(value)]));
    const history = values.get("history");
    const dirtyPages = values.get("innodb_buffer_pool_pages_dirty");
    if (history === undefined || dirtyPages === undefined) return null;
    const pending = [...values].filter(([name]) => name.includes("pending")).reduce((sum, [, value]) => sum + value, 0);
    return { history, dirtyPages, pending };
  } catch {
    return null;
  }
}

const isQuiet = (now: Reading, before: Reading): boolean =>
  now.pending === 0 &&
  now.history < MAX_HISTORY &&
  now.history === before.history &&
  (now.dirtyPages === 0 || now.dirtyPages === before.dirtyPages);

const pause = (ms: number): Promise<void> => new Promise((resume) => setTimeout(resume, ms));

export async function settle(connection: Connection): Promise<Settled> {
  const startedAt = clockMs();
  const elapsed = (): number => clockMs() - startedAt;
  let before = await read(connection);
  if (before === null) {
    await pause(FIXED_PAUSE_MS);
    return { settleMs: elapsed(), warning: `no counters to settle by; waited ${FIXED_PAUSE_MS / 1000} s` };
  }
  for (let quiet = 0; quiet < QUIET_POLLS;) {
    await pause(POLL_MS);
    const now = await read(connection);
    if (now === null) return { settleMs: elapsed(), warning: "the server's counters vanished while settling" };
    quiet = isQuiet(now, before) ? quiet + 1 : 0;
    before = now;
    if (quiet < QUIET_POLLS && elapsed() > TIMEOUT_MS) {
      return {
        settleMs: elapsed(),
        warning: `not quiet after ${TIMEOUT_MS / 1000} s: purge history ${now.history}, dirty pages ${now.dirtyPages}, pending ${now.pending}`,
      };
    }
  }
  return { settleMs: elapsed(), warning: null };
}
