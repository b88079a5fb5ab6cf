/** What Prometheus is told. A registry per instance of the service, so that several in one process don't share their counts. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/** From a cached read to a lock wait's end. */
const REQUEST_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** Dense behind the usual limit of 1 s: waits that it ends take a little longer, and would all count as up to 5 s. */
const WAIT_BUCKETS_SECONDS = [0.0001, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 1.1, 1.5, 2.5, 5];
/** From one chunk to the origin's before. */
const BATCH_BUCKETS_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

/** Values that are read when somebody asks. */
interface Readings {
  requestsInFlight(): number;
  connectionsInUse(): number;
  flagsRaised(): number;
  /** null where the database doesn't answer */
  inboxDepth(): Promise<number | null>;
}

export interface Metrics {
  readonly registry: Registry;
  readonly requests: Histogram<"method" | "route" | "status" | "outcome">;
  readonly poolWait: Histogram;
  readonly lockRefusals: Counter<"how">;
  readonly deadlocks: Counter;
  readonly shed: Counter;
  readonly drained: Counter<"outcome">;
  readonly drainFailures: Counter;
  readonly batchUser: Histogram;
  read(readings: Readings): void;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    requests: new Histogram({
      name: "http_request_duration_seconds",
      help: "From the request's first byte to the answer. outcome: read, applied, accepted or failed",
      labelNames: ["method", "route", "status", "outcome"],
      buckets: REQUEST_BUCKETS_SECONDS,
      registers,
    }),
    poolWait: new Histogram({
      name: "api_pool_wait_seconds",
      help: "How long work waited for a database connection",
      buckets: WAIT_BUCKETS_SECONDS,
      registers,
    }),
    lockRefusals: new Counter({
      name: "api_lock_refusals_total",
      help: "Writes that did not get their row: after the wait's end (timeout) or at once (nowait)",
      labelNames: ["how"],
      registers,
    }),
    deadlocks: new Counter({ name: "api_deadlocks_total", help: "Transactions that the server chose to end", registers }),
    shed: new Counter({ name: "api_shed_total", help: "Requests answered 503 because too many were at work", registers }),
    drained: new Counter({
      name: "api_inbox_drained_total",
      help: "Stored writes whose turn came",
      labelNames: ["outcome"],
      registers,
    }),
    drainFailures: new Counter({
      name: "api_inbox_failures_total",
      help: "Attempts to apply a user's stored writes that failed otherwise than by a lock; they are tried again",
      registers,
    }),
    batchUser: new Histogram({
      name: "api_batch_user_seconds",
      help: "How long users were the batch's: from its choice of them to the commit of each",
      buckets: BATCH_BUCKETS_SECONDS,
      registers,
    }),
    read(readings) {
      const gauge = (name: string, help: string, value: () => number): void => {
        const made: Gauge = new Gauge({ name, help, registers, collect: () => made.set(value()) });
      };
      gauge("api_requests_in_flight", "Requests at work now", () => readings.requestsInFlight());
      gauge("api_pool_connections_in_use", "Database connections of requests at work now", () => readings.connectionsInUse());
      gauge("api_flags_raised", "Users whom a flag of this process protects now", () => readings.flagsRaised());
      const depth: Gauge = new Gauge({
        name: "api_inbox_depth",
        help: "Accepted writes that are not applied yet; NaN where the database doesn't answer",
        registers,
        collect: async () => depth.set((await readings.inboxDepth()) ?? Number.NaN),
      });
    },
  };
}
