/** The messages between the service and the separate process of a batch. */
import type { ConnectionTarget } from "../../lib/target.ts";
import type { Claim } from "../batch/fence.ts";
import type { BatchStyle, TechniqueChoice } from "../options.ts";

export interface BatchAssignment extends Claim {
  readonly target: ConnectionTarget;
  /** `2026-01-01` */
  readonly targetDate: string;
  readonly style: BatchStyle;
  /** users per transaction, for styles with several transactions */
  readonly chunkUsers: number;
  readonly leaseMs: number;
  /** the id of a guard: its flags in the database change in the transactions of the batch */
  readonly guard: string;
  /** the member that started the process, as hex */
  readonly member: string;
  readonly strategy: TechniqueChoice | null;
}

export type ToBatch = { readonly type: "start"; readonly assignment: BatchAssignment } | { readonly type: "stop" };

export type FromBatch =
  /** the process has selected its users */
  | { readonly type: "running" }
  /** all rows of these users are committed */
  | { readonly type: "committed"; readonly userIds: readonly number[] }
  | { readonly type: "heartbeat" }
  | { readonly type: "finished" }
  /** the process stopped by itself, after it rolled back its open transaction */
  | { readonly type: "failed"; readonly message: string };
