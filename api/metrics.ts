/**
 * The metrics for Prometheus. Each instance of the service has its own registry, so that instances in one process do not add
 * up their counts.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/** From a cached read to the end of a lock wait. */
const REQUEST_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/**
 * Dense above the default limit of 1 s: a wait that reaches the limit takes slightly longer, and would otherwise count as up
 * to 5 s.
 */
const WAIT_BUCKETS_SECONDS = [0.0001, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 1.1, 1.5, 2.5, 5];
/** From one chunk to the duration of the original job in one transaction. */
const BATCH_BUCKETS_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

/** Around the interval of the polls. */
const LAG_BUCKETS_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.75, 1, 2.5, 5, 10];

/** Values that the registry reads when a client requests the metrics. */
interface Readings {
  requestsInFlight(): number;
  connectionsInUse(): number;
  flagsRaised(): number;
  members(): number;
  index(): number;
  /** null: the database does not answer */
  inboxDepth(): Promise<number | null>;
}

export interface Metrics {
  readonly registry: Registry;
  readonly requests: Histogram<"method" | "route" | "status" | "outcome">;
  readonly poolWait: Histogram;
  readonly lockRefusals: Counter<"how">;
  readonly deadlocks: Counter;
  readonly shed: Counter;
  readonly closedConnections: Counter<"reason">;
  readonly drained: Counter<"outcome">;
  readonly drainFailures: Counter;
  readonly batchUser: Histogram;
  readonly rounds: Counter<"outcome">;
  readonly roundStatements: Counter<"outcome">;
  readonly hintLag: Histogram;
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
      help: "Time from the first byte of a request to its answer. outcome: read, applied, accepted or failed",
      labelNames: ["method", "route", "status", "outcome"],
      buckets: REQUEST_BUCKETS_SECONDS,
      registers,
    }),
    poolWait: new Histogram({
      name: "api_pool_wait_seconds",
      help: "Time that a request waited for a database connection",
      buckets: WAIT_BUCKETS_SECONDS,
      registers,
    }),
    lockRefusals: new Counter({
      name: "api_lock_refusals_total",
      help: "Writes that did not get the lock on their row: after the lock wait timeout (timeout) or at once (nowait)",
      labelNames: ["how"],
      registers,
    }),
    deadlocks: new Counter({
      name: "api_deadlocks_total",
      help: "Transactions that the server rolled back to resolve a deadlock",
      registers,
    }),
    shed: new Counter({ name: "api_shed_total", help: "Requests answered 503 because too many were in flight", registers }),
    closedConnections: new Counter({
      name: "api_connections_closed_total",
      help: "Connections that the service closed without an answer: beyond their limit (too-many), or with unread answers (unread)",
      labelNames: ["reason"],
      registers,
    }),
    drained: new Counter({
      name: "api_inbox_drained_total",
      help: "Stored writes that the service applied or refused",
      labelNames: ["outcome"],
      registers,
    }),
    drainFailures: new Counter({
      name: "api_inbox_failures_total",
      help: "Failed attempts to apply a user's stored writes, without lock conflicts; the service tries again",
      registers,
    }),
    batchUser: new Histogram({
      name: "api_batch_user_seconds",
      help: "Time from the selection of a user by the batch to the commit of that user",
      buckets: BATCH_BUCKETS_SECONDS,
      registers,
    }),
    rounds: new Counter({
      name: "api_batch_rounds_total",
      help: "Rounds of a batch by this member: committed, empty (its users were locked or done) or failed",
      labelNames: ["outcome"],
      registers,
    }),
    roundStatements: new Counter({
      name: "api_batch_round_statements_total",
      help: "Statements of the rounds of this member, with the reading before each transaction, BEGIN and COMMIT",
      labelNames: ["outcome"],
      registers,
    }),
    hintLag: new Histogram({
      name: "api_hint_lag_seconds",
      help: "Time from a round of another member to the end of its hints on this member",
      buckets: LAG_BUCKETS_SECONDS,
      registers,
    }),
    read(readings) {
      const gauge = (name: string, help: string, value: () => number): void => {
        const made: Gauge = new Gauge({ name, help, registers, collect: () => made.set(value()) });
      };
      gauge("api_requests_in_flight", "Requests in flight", () => readings.requestsInFlight());
      gauge("api_pool_connections_in_use", "Database connections in use by requests", () => readings.connectionsInUse());
      gauge("api_flags_raised", "Users that a hint of this process protects", () => readings.flagsRaised());
      gauge("api_cluster_members", "Live members, as this one sees them", () => readings.members());
      gauge("api_cluster_index", "Place of this member among the live ones; -1: not among them", () => readings.index());
      const depth: Gauge = new Gauge({
        name: "api_inbox_depth",
        help: "Accepted writes that are not applied yet; NaN if the database does not answer",
        registers,
        collect: async () => depth.set((await readings.inboxDepth()) ?? Number.NaN),
      });
    },
  };
}
