/** Messages between a scenario and its load generator; plain data. All times are ms of the machine's monotonic clock. */
import type { HistoryEntry, WriteResult } from "../../consistency/index.ts";
import type { TrafficSettings } from "./traffic.ts";

export interface LoadTask {
  readonly url: string;
  readonly traffic: TrafficSettings;
  /** client timeout of a request */
  readonly timeoutMs: number;
}

/** `declined`: the rules rejected the request, for example without a coupon left; not an error of the service. */
export type Outcome = "read" | "applied" | "accepted" | "declined" | "failed";
export const OUTCOMES = ["read", "applied", "accepted", "declined", "failed"] as const satisfies readonly Outcome[];

export interface SentRequest {
  readonly userId: number;
  /** time at which the request was due; latencies start here, so that a late generator or a slow service cannot hide a wait */
  readonly intendedAtMs: number;
  readonly sentAtMs: number;
  /** null: no answer */
  readonly answeredAtMs: number | null;
  /** time at which the client stopped waiting, with or without an answer */
  readonly endedAtMs: number;
  readonly outcome: Outcome;
  /** reason of the failure: a problem name, `client-timeout`, `connection` or `status 500` */
  readonly failure: string | null;
  /** null for reads */
  readonly write: (Pick<HistoryEntry, "token" | "kind" | "body"> & { readonly result: WriteResult }) | null;
}

/** Final answer of `GET /requests/:id` for an accepted write. */
export interface FollowedUp {
  readonly token: string;
  readonly status: string;
  /** ms from acceptance to effect; null without an effect */
  readonly appliedAfterMs: number | null;
}

export type ToLoad =
  | { readonly type: "start"; readonly task: LoadTask }
  /** sends no more requests and waits for requests in progress */
  | { readonly type: "stop" }
  | { readonly type: "follow-up"; readonly tokens: readonly string[] };

export type FromLoad =
  | { readonly type: "started"; readonly atMs: number }
  | { readonly type: "sent"; readonly requests: readonly SentRequest[] }
  | { readonly type: "followed-up"; readonly results: readonly FollowedUp[] }
  | { readonly type: "failed"; readonly message: string };
