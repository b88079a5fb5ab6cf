/** The messages between the service and its batch process. */
import type { ConnectionTarget } from "../../lib/target.ts";
import type { BatchStyle, StrategyModules } from "../options.ts";

export interface BatchAssignment {
  readonly target: ConnectionTarget;
  readonly batchId: number;
  /** increases with each takeover; a process with a lower number can write nothing any more */
  readonly attempt: number;
  /** `2026-01-01` */
  readonly targetDate: string;
  readonly style: BatchStyle;
  /** users per transaction, for styles with several transactions */
  readonly chunkUsers: number;
  /** pause between transactions */
  readonly pauseMs: number;
  readonly leaseMs: number;
  readonly strategy: StrategyModules | null;
}

export type ToBatch = { readonly type: "start"; readonly assignment: BatchAssignment } | { readonly type: "stop" };

export type FromBatch =
  /** the target users; the batch writes no other user */
  | { readonly type: "targets"; readonly userIds: readonly number[] }
  /** all rows of these users are committed */
  | { readonly type: "committed"; readonly userIds: readonly number[] }
  | { readonly type: "heartbeat" }
  | { readonly type: "finished" }
  /** the process stopped by itself, after it rolled back its open transaction */
  | { readonly type: "failed"; readonly message: string };
