/** What the service and its batch process tell each other. */
import type { ConnectionTarget } from "../../lib/target.ts";
import type { BatchStyle, StrategyModules } from "../options.ts";

export interface BatchAssignment {
  readonly target: ConnectionTarget;
  readonly batchId: number;
  /** counts up when a batch is taken over; whoever has an older one writes nothing any more */
  readonly attempt: number;
  /** `2026-01-01` */
  readonly targetDate: string;
  readonly style: BatchStyle;
  /** users per transaction, where the style has several */
  readonly chunkUsers: number;
  /** between transactions */
  readonly pauseMs: number;
  readonly leaseMs: number;
  readonly strategy: StrategyModules | null;
}

export type ToBatch = { readonly type: "start"; readonly assignment: BatchAssignment } | { readonly type: "stop" };

export type FromBatch =
  /** the target users are known: nobody else will be written */
  | { readonly type: "targets"; readonly userIds: readonly number[] }
  /** everything of these users is committed */
  | { readonly type: "committed"; readonly userIds: readonly number[] }
  | { readonly type: "heartbeat" }
  | { readonly type: "finished" }
  /** it gave up by itself, after rolling back what was open */
  | { readonly type: "failed"; readonly message: string };
