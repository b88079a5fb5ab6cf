/** What a scenario and its load generator tell each other; plain data. All times are of the machine's monotonic clock. */
import type { HistoryEntry, WriteResult } from "../../consistency/index.ts";
import type { TrafficSettings } from "./traffic.ts";

export interface LoadTask {
  readonly url: string;
  readonly traffic: TrafficSettings;
  /** how long a client waits for an answer */
  readonly timeoutMs: number;
}

/** `declined`: a definite no of the rules, such as no coupon left; no error of the service. */
export type Outcome = "read" | "applied" | "accepted" | "declined" | "failed";
export const OUTCOMES = ["read", "applied", "accepted", "declined", "failed"] as const satisfies readonly Outcome[];

export interface SentRequest {
  readonly userId: number;
  /** when it was due: latencies count from here, so that a late generator or a slow service can't hide a wait */
  readonly intendedAtMs: number;
  readonly sentAtMs: number;
  /** null: never */
  readonly answeredAtMs: number | null;
  /** when its client stopped waiting, answered or not */
  readonly endedAtMs: number;
  readonly outcome: Outcome;
  /** why it failed: the problem's name, `client-timeout`, `connection` or `status 500` */
  readonly failure: string | null;
  /** null for reads */
  readonly write: (Pick<HistoryEntry, "token" | "kind" | "body"> & { readonly result: WriteResult }) | null;
}

/** What `GET /requests/:id` said of an accepted write, after everything. */
export interface FollowedUp {
  readonly token: string;
  readonly status: string;
  /** from its acceptance to its effect */
  readonly appliedAfterMs: number | null;
}

export type ToLoad =
  | { readonly type: "start"; readonly task: LoadTask }
  /** no further requests; those under way are waited for */
  | { readonly type: "stop" }
  | { readonly type: "follow-up"; readonly tokens: readonly string[] };

export type FromLoad =
  | { readonly type: "started"; readonly atMs: number }
  | { readonly type: "sent"; readonly requests: readonly SentRequest[] }
  | { readonly type: "followed-up"; readonly results: readonly FollowedUp[] }
  | { readonly type: "failed"; readonly message: string };
