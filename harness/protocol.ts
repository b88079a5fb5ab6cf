/**
 * What the harness and a measuring child process say to each other. Versioned, so that a child from another tree of the
 * project can be driven; plain data only.
 */
import type { ConnectionTarget } from "../lib/target.ts";
import type { ConnectionPolicy } from "../orms/orm.ts";
import type { Phase, Share } from "../strategies/strategy.ts";
import type { Window } from "../workload/calendar.ts";
import type { Cell, CellModules } from "./plan/cell.ts";

export const PROTOCOL_VERSION = 3;

export interface Assignment {
  readonly cell: Cell;
  readonly modules: CellModules;
  readonly target: ConnectionTarget;
  /** the schema with a few users on which the child warms up: a share for each worker */
  readonly scratch: { readonly schema: string; readonly shares: readonly Share[] };
  readonly runId: number;
  readonly window: Window;
  readonly changedAt: Date;
  /** a worker for each; none is empty */
  readonly shares: readonly Share[];
  readonly connection: ConnectionPolicy;
}

export type ToChild = { type: "prepare"; protocol: number; assignment: Assignment } | { type: "go"; limitMs: number | null };

/** How far a worker is with its share: everything up to `throughUserId` is committed. */
export interface ShareProgress {
  readonly throughUserId: number;
  readonly targetsDone: number;
}

export interface Measured {
  /** false: stopped by the limit, with nothing written beyond what `shares` tells */
  readonly complete: boolean;
  /** in the order of the assignment's shares */
  readonly shares: readonly ShareProgress[];
  readonly wallMs: number;
  /** mean over the workers, so that the phases of parallel workers compare with `wallMs` */
  readonly phaseMs: Readonly<Record<Phase, number>>;
  readonly retries: number;
  readonly clientCpuMs: number;
  readonly peakRssBytes: number;
  /** of the busiest worker; null where the sample was too short to tell */
  readonly eventLoopDelayP99Ms: number | null;
}

export type FromChild =
  | { type: "ready" }
  | ({ type: "progress"; shareIndex: number } & ShareProgress)
  | { type: "done"; measured: Measured }
  | { type: "failed"; stage: "prepare" | "run"; message: string; stack: string | null };
