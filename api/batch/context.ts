/** The parts that a style needs to write a batch. */
import type { Window } from "../../workload/calendar.ts";
import type { Database, Statements } from "../database/database.ts";
import type { BatchAssignment } from "./messages.ts";

export interface BatchContext {
  readonly database: Database;
  readonly assignment: BatchAssignment;
  readonly window: Window;
  /** the time in changed rows: fixed per date, so that a resumed batch writes the same rows */
  readonly changedAt: Date;
  /** the run id in the workload's tables */
  readonly runId: number;
  readonly couponByCategory: ReadonlyMap<number, number>;
  /** in id order; a resumed batch omits the finished users */
  readonly targets: readonly number[];
  /** aborts when the service stops the batch or another process owns it; styles check it between transactions */
  readonly signal: AbortSignal;
  /** Runs `work` in a transaction that fails if another process owns the batch, and that prevents a takeover until its end. */
  owned<T>(work: (session: Statements) => Promise<T>): Promise<T>;
  /** Reports users whose rows are written, committed or not, for progress. */
  written(users: number): void;
  committed(userIds: readonly number[]): void;
}
