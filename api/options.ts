/** The settings of one instance of the service. Plain data, so that a message can carry them to another process. */
import type { ConnectionTarget } from "../lib/target.ts";
import type { Division } from "../strategies/partition.ts";
import { REQUEST_SESSIONS, type SessionLimits } from "./database/session-limits.ts";
import type { Fault } from "./faults.ts";

export const BATCH_STYLES = ["chunked", "long", "strategy"] as const;
export type BatchStyle = (typeof BATCH_STYLES)[number];

/** URLs of the modules of a technique, a library and a kind of key, for batches of the style `strategy`. */
export interface StrategyModules {
  /** exports `strategy` or `nativeVariant` */
  readonly codeUrl: string;
  /** exports `orm` */
  readonly ormUrl: string;
  /** exports `key`, whose values the server generates */
  readonly keyUrl: string;
}

/** A technique as the batch, and its workers. */
export interface TechniqueChoice extends StrategyModules, Division {
  /** null: each of several workers has a thread; `connections`: all share one */
  readonly parallel: "connections" | null;
}

export interface ApiOptions {
  readonly target: ConnectionTarget;
  /** the id of a file in guards/ */
  readonly guard: string;
  /** the bearer token that starts and shows batches */
  readonly adminToken: string;
  readonly host: string;
  /** 0: any free port */
  readonly port: number;
  /** connections for requests; the inbox and the batch have separate ones */
  readonly poolConnections: number;
  /** the longest wait of a request for one of these connections; after it the service answers 503 */
  readonly poolWaitMs: number;
  /** of the connections for requests and for the inbox */
  readonly sessions: SessionLimits;
  /** requests in flight at the same time; the service answers further ones with 503 at once */
  readonly maxInFlight: number;
  /** open connections of clients; the service closes further ones without an answer */
  readonly maxConnections: number;
  /** the longest time for a request to arrive with its body; it counts as in flight once its body has arrived */
  readonly arrivalMs: number;
  /** the longest time for a statement of a probe; after it /readyz answers 503 */
  readonly probeMs: number;
  /** how long /metrics answers with the same text */
  readonly metricsMs: number;
  /** the longest time for closing, after the grace */
  readonly closeMs: number;
  /** the address that `was_instance` shows; null: the URL on which the instance listens */
  readonly address: string | null;
  /** the id of a file in cluster/partitionings/ */
  readonly partitioning: string;
  /** how often a member renews its row in `was_instance` */
  readonly heartbeatMs: number;
  /** a member without a heartbeat for this long is not counted; hints last this long after the poll that raised them */
  readonly leaseMs: number;
  /** the longest silence of the separate process that runs a batch of the style `long` or `strategy` */
  readonly processLeaseMs: number;
  /** how often a member reads open batches, live members and new rounds */
  readonly pollMs: number;
  /** the longest time for the statement that selects the users of a batch */
  readonly selectMs: number;
  /** null: the service does not offer the style `strategy` */
  readonly strategy: TechniqueChoice | null;
  /** deliberate faults of the whole process; only tests set them, and no command-line option does */
  readonly faults: readonly Fault[];
  /** `info` writes one line per request to standard error */
  readonly logLevel: "silent" | "error" | "info";
}

export const DEFAULT_OPTIONS = {
  guard: "memory-flag",
  host: "127.0.0.1",
  port: 0,
  poolConnections: 16,
  poolWaitMs: 1_000,
  sessions: REQUEST_SESSIONS,
  maxInFlight: 128,
  maxConnections: 1_000,
  arrivalMs: 10_000,
  probeMs: 1_000,
  metricsMs: 1_000,
  closeMs: 10_000,
  address: null,
  partitioning: "modulo",
  heartbeatMs: 2_000,
  leaseMs: 10_000,
  processLeaseMs: 10_000,
  pollMs: 250,
  selectMs: 600_000,
  strategy: null,
  faults: [],
  logLevel: "error",
} as const satisfies Partial<ApiOptions>;
