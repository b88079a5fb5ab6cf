/**
 * What the harness and a measuring child process say to each other. Versioned, so that a child from another tree of the
 * project can be driven; plain data only.
 */
import type { ConnectionTarget } from "../lib/target.ts";
import type { Phase, Share } from "../strategies/strategy.ts";
import type { Window } from "../workload/calendar.ts";
import type { Cell, CellModules } from "./cell.ts";

export const PROTOCOL_VERSION = 1;

export interface Assignment {
  readonly cell: Cell;
  readonly modules: CellModules;
  readonly target: ConnectionTarget;
  /** the schema with a few users on which the child warms up */
  readonly scratch: { readonly schema: string; readonly share: Share };
  readonly runId: number;
  readonly window: Window;
  readonly changedAt: Date;
  readonly share: Share;
  readonly poolConnections: number;
}

export type ToChild = { type: "prepare"; protocol: number; assignment: Assignment } | { type: "go"; limitMs: number | null };

export interface Measured {
  /** false: stopped by the limit, at a point where everything up to `throughUserId` was committed and nothing beyond */
  readonly complete: boolean;
  readonly throughUserId: number;
  readonly targetsDone: number;
  readonly wallMs: number;
  readonly phaseMs: Readonly<Record<Phase, number>>;
  readonly retries: number;
  readonly clientCpuMs: number;
  readonly peakRssBytes: number;
}

export type FromChild =
  | { type: "ready" }
  | { type: "progress"; throughUserId: number; targetsDone: number }
  | { type: "done"; measured: Measured }
  | { type: "failed"; stage: "prepare" | "run"; message: string; stack: string | null };
