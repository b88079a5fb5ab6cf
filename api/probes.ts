/** The work behind /readyz and /metrics. Concurrent probes share it, so that their number costs the service nothing. */
import { databaseProblem } from "./database-problems.ts";
import type { Metrics } from "./metrics.ts";
import { ProbeConnection } from "./probe-connection.ts";
import { ApiProblem } from "./problems.ts";
import type { ConnectionTarget } from "../lib/target.ts";

/** Every write reads this table, so a lock on it makes the service useless too. */
const READINESS = "SELECT @@GLOBAL.read_only OR @@GLOBAL.super_read_only AS isReadOnly FROM batch_cutoff WHERE id = 1";
const QUEUED = "SELECT COUNT(*) AS queued FROM inbox WHERE status = 'pending'";

export interface Probes extends AsyncDisposable {
  /** @throws ApiProblem database-unavailable, database-read-only, database-busy, lock-timeout */
  requireDatabase(): Promise<void>;
  /** null: the database does not answer */
  inboxDepth(): Promise<number | null>;
  metricsText(): Promise<string>;
}

/**
 * Shares one reading among all callers that arrive during it, and its result among those of the next `keepMs`.
 * @param read a rejection is shared too
 */
export function shared<T>(read: () => Promise<T>, keepMs: number): () => Promise<T> {
  let reading: Promise<T> | null = null;
  let endedAtMs: number | null = null;
  return () => {
    const isOld = endedAtMs !== null && performance.now() - endedAtMs >= keepMs;
    if (reading === null || isOld) {
      endedAtMs = null;
      reading = read().finally(() => (endedAtMs = performance.now()));
    }
    return reading;
  };
}

async function check(connection: ProbeConnection): Promise<void> {
  let row: { isReadOnly: number } | undefined;
  try {
    [row] = await connection.rows<{ isReadOnly: number }>(READINESS);
  } catch (error) {
    if (error instanceof ApiProblem) throw error;
    throw (
      databaseProblem(error) ?? new ApiProblem("database-unavailable", "the database did not answer the probe", { cause: error })
    );
  }
  if (row === undefined) throw new ApiProblem("database-unavailable", "the tables of the service are incomplete");
  if (row.isReadOnly === 1) throw new ApiProblem("database-read-only", "the database accepts reads and no writes");
}

export function createProbes(
  target: ConnectionTarget,
  { registry }: Metrics,
  { probeMs, metricsMs }: { probeMs: number; metricsMs: number },
): Probes {
  const connection = new ProbeConnection(target, probeMs);
  return {
    requireDatabase: shared(() => check(connection), 0),
    async inboxDepth() {
      try {
        const [row] = await connection.rows<{ queued: number }>(QUEUED);
        return row?.queued ?? null;
      } catch {
        return null;
      }
    },
    metricsText: shared(() => registry.metrics(), metricsMs),
    async [Symbol.asyncDispose]() {
      connection.close();
    },
  };
}
