/** The messages between a member and the thread that runs its rounds. */
import type { ConnectionTarget } from "../../lib/target.ts";
import type { Fault } from "../faults.ts";
import type { Snapshot } from "./poll.ts";
import type { Round } from "./worker.ts";

/** Plain data: plug-ins go by their ids. */
export interface ThreadAssignment {
  readonly target: ConnectionTarget;
  /** hex */
  readonly member: string;
  readonly partitioning: string;
  readonly guard: string;
  readonly selectMs: number;
  readonly faults: readonly Fault[];
}

export interface ThreadData extends ThreadAssignment {
  readonly snapshot: Snapshot;
}

export type ToThread =
  | { readonly type: "snapshot"; readonly snapshot: Snapshot }
  /** a poll that began after this question has succeeded, or the poller has ended */
  | { readonly type: "polled"; readonly question: number }
  /** finish the current round, and end */
  | { readonly type: "close" };

export type FromThread =
  | { readonly type: "poll-now" }
  | { readonly type: "await-poll"; readonly question: number }
  | { readonly type: "round"; readonly round: Round }
  | { readonly type: "deadlock" }
  | { readonly type: "gave-up"; readonly connectionId: number }
  | { readonly type: "error"; readonly error: unknown };
