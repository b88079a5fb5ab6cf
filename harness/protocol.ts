/**
 * Messages between the harness and a measuring child process: plain data, versioned. A gate drives the child of another checkout, so
 * the field names are a wire format. `shares` and `shareIndex` (partitions of the users) keep their names of version 3: other names
 * would break every gate against an older commit. For the same reason this file and child.ts keep their paths. child.ts and
 * run/child-messages.ts convert these names, and no other code uses them for anything but a message.
 */
import type { ConnectionTarget } from "../lib/target.ts";
import type { ConnectionPolicy } from "../orms/orm.ts";
import type { Phase, Partition } from "../strategies/strategy.ts";
import type { Window } from "../workload/calendar.ts";
import type { Cell } from "./plan/cell.ts";

export const PROTOCOL_VERSION = 3;

/** Module URLs of a cell's code. */
export interface CellModules {
  /** the strategy, or the ORM's native variant */
  readonly codeUrl: string;
  readonly ormUrl: string;
  readonly keyUrl: string;
}

export interface Assignment {
  readonly cell: Cell;
  readonly modules: CellModules;
  readonly target: ConnectionTarget;
  /** the schema with a few users for the child's warm-up, with one partition per worker */
  readonly scratch: { readonly schema: string; readonly shares: readonly Partition[] };
  readonly runId: number;
  readonly window: Window;
  readonly changedAt: Date;
  /** one non-empty partition per worker */
  readonly shares: readonly Partition[];
  readonly connection: ConnectionPolicy;
}

export type ToChild = { type: "prepare"; protocol: number; assignment: Assignment } | { type: "go"; limitMs: number | null };

/** Progress of a worker: its partition is committed up to `throughUserId`. */
export interface PartitionProgress {
  readonly throughUserId: number;
  readonly targetsDone: number;
}

export interface Measured {
  /** false: the limit stopped the job, which wrote nothing beyond the progress in `shares` */
  readonly complete: boolean;
  /** in the order of the assignment's shares */
  readonly shares: readonly PartitionProgress[];
  readonly wallMs: number;
  /** mean over the workers, so that the phases of parallel workers compare with `wallMs` */
  readonly phaseMs: Readonly<Record<Phase, number>>;
  readonly retries: number;
  readonly clientCpuMs: number;
  readonly peakRssBytes: number;
  /** of the busiest worker; null for a sample that was too short */
  readonly eventLoopDelayP99Ms: number | null;
  /** that all pools together held open at the same time before the clock; absent: a tree that does not count them */
  readonly openConnections?: number;
  /** whether each worker loaded a CommonJS file of the driver that the ORM names; absent: a tree that does not look */
  readonly hasLoadedDriver?: boolean;
}

export type FromChild =
  | { type: "ready" }
  | ({ type: "progress"; shareIndex: number } & PartitionProgress)
  | { type: "done"; measured: Measured }
  | { type: "failed"; stage: "prepare" | "run"; message: string; stack: string | null };
