/** Messages between a scenario and its load generator; plain data. All times are ms of the machine's monotonic clock. */
import type { Attempt, HistoryEntry, OwnRead, Reuse } from "../../consistency/index.ts";
import type { TrafficSettings } from "./traffic.ts";

export interface LoadTask {
  readonly url: string;
  readonly traffic: TrafficSettings;
  /** client timeout of a request */
  readonly timeoutMs: number;
  /** of a write after a 503 or an unknown outcome, under its key */
  readonly retries: number;
}

/**
 * `declined`: the rules rejected the request, for example without a coupon left; not an error of the service. `replayed`: a
 * client repeated a write under its key and got its answer or an acceptance.
 */
export type Outcome = "read" | "applied" | "accepted" | "replayed" | "declined" | "failed";
export const OUTCOMES = ["read", "applied", "accepted", "replayed", "declined", "failed"] as const satisfies readonly Outcome[];

type WriteOf<Kind extends HistoryEntry["kind"]> = Pick<Extract<HistoryEntry, { kind: Kind }>, "token" | "kind" | "body">;

/** A write under its key. */
export type SentWrite = { [Kind in HistoryEntry["kind"]]: WriteOf<Kind> }[HistoryEntry["kind"]] & {
  /** true: another request sent this write before */
  readonly isReplay: boolean;
  /** this request and its retries */
  readonly attempts: readonly Attempt[];
};

export interface SentRequest {
  readonly userId: number;
  /** time at which the request was due; latencies start here, so that a late generator or a slow service cannot hide a wait */
  readonly intendedAtMs: number;
  /** this and the following values are those of the first attempt */
  readonly sentAtMs: number;
  /** null: no answer */
  readonly answeredAtMs: number | null;
  /** time at which the client stopped waiting, with or without an answer */
  readonly endedAtMs: number;
  readonly outcome: Outcome;
  /** reason of the failure: a problem name, `proxy-503`, `client-timeout` or `connection` */
  readonly failure: string | null;
  /** null for other requests than writes and their replays */
  readonly write: SentWrite | null;
  /** another write under the key of an acknowledged one */
  readonly reuse: (Reuse & { readonly token: string }) | null;
  /** a read of an earlier write, if its answer shows something about the write */
  readonly ownRead: { readonly token: string; readonly read: OwnRead } | null;
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
