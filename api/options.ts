/** How one instance of the service is set up. Plain data, so that it can be sent to a process. */
import type { ConnectionTarget } from "../lib/target.ts";

/**
 * What makes a guard, the inbox or a write wrong on purpose. For tests of the consistency checker alone: no command line sets them.
 * `no-row-lock`: a write doesn't take its user's row. `no-cut-off-lock`: the next cut-off doesn't wait for it. `stale-stamp`: it
 * says that it came before the last cut-off, whether or not. `inbox-unordered`: the last stored write is applied first.
 * `bypass-inbox`: a write overtakes those that are stored. `no-lease`: flags stay when nobody hears of the batch any more.
 */
export type Fault = "no-row-lock" | "no-cut-off-lock" | "stale-stamp" | "inbox-unordered" | "bypass-inbox" | "no-lease";

export const BATCH_STYLES = ["chunked", "long", "strategy"] as const;
export type BatchStyle = (typeof BATCH_STYLES)[number];

/** Modules of a technique, a library and a kind of key, as URLs, for batches of the style `strategy`. */
export interface StrategyModules {
  /** exports `strategy` or `nativeVariant` */
  readonly codeUrl: string;
  /** exports `orm` */
  readonly ormUrl: string;
  /** exports `key`; one that the server numbers */
  readonly keyUrl: string;
}

export interface ApiOptions {
  readonly target: ConnectionTarget;
  /** the id of a file in guards/ */
  readonly guard: string;
  /** of whoever may start batches */
  readonly adminToken: string;
  readonly host: string;
  /** 0: any free one */
  readonly port: number;
  /** connections for requests; the inbox and the batch have their own */
  readonly poolConnections: number;
  /** how long a request may wait for one of them before it is answered 503 */
  readonly poolWaitMs: number;
  /** requests that are worked on at the same time; further ones are answered 503 at once */
  readonly maxInFlight: number;
  /** how long a request may take to arrive, body and all; it has its place meanwhile */
  readonly arrivalMs: number;
  /** how long flags last after the batch was last heard of */
  readonly leaseMs: number;
  /** null: the style `strategy` is not offered */
  readonly strategy: StrategyModules | null;
  readonly faults: readonly Fault[];
  /** `info` writes a line per request to standard output */
  readonly logLevel: "silent" | "error" | "info";
}

export const DEFAULT_OPTIONS = {
  guard: "memory-flag",
  host: "127.0.0.1",
  port: 0,
  poolConnections: 16,
  poolWaitMs: 1_000,
  maxInFlight: 128,
  arrivalMs: 10_000,
  leaseMs: 3_000,
  strategy: null,
  faults: [],
  logLevel: "error",
} as const satisfies Partial<ApiOptions>;
