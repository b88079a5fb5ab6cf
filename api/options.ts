/** The settings of one instance of the service. Plain data, so that a message can carry them to another process. */
import type { ConnectionTarget } from "../lib/target.ts";
import { REQUEST_SESSIONS, type SessionLimits } from "./database/session-limits.ts";

/**
 * Deliberate faults in a guard, the inbox, a write or a batch. Only tests of the checks set them; no command-line option does.
 * `no-row-lock`: a write does not lock the row of its user.
 * `no-cut-off-lock`: the next cut-off does not wait for the write.
 * `stale-stamp`: a write always claims that it came before the last cut-off.
 * `inbox-unordered`: the service applies the newest stored write first.
 * `bypass-inbox`: a write overtakes the stored writes of its user.
 * `hints-not-raised`: no hint shows that a round may be at work.
 * `hints-not-lowered`: a hint stays forever. Hints are advice, so neither of the two makes a conflict.
 * `accepted-and-forgotten`: the service answers 202 and stores nothing.
 * `no-marker-check`: a round writes all users that it could lock.
 * `markers-before-lock`: a round reads the markers before it locks the users.
 * `no-rollback`: a round that fails keeps its transaction open.
 * `no-fence`: a round does not compare its attempt with that of the batch.
 * `marker-apart`: a round commits its effects, and then its markers and its step.
 * `finishes-unchecked`: a member finishes the batch when its own share is done.
 */
export type Fault =
  | "no-row-lock"
  | "no-cut-off-lock"
  | "stale-stamp"
  | "inbox-unordered"
  | "bypass-inbox"
  | "hints-not-raised"
  | "hints-not-lowered"
  | "accepted-and-forgotten"
  | "no-marker-check"
  | "markers-before-lock"
  | "no-rollback"
  | "no-fence"
  | "marker-apart"
  | "finishes-unchecked";

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
  readonly strategy: StrategyModules | null;
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
