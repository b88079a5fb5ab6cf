/** The parts that a style of a separate process needs to write a batch. */
import type { Job } from "../batch/job.ts";
import type { Database } from "../database/database.ts";
import type { Statements } from "../database/session.ts";
import type { BatchAssignment } from "./messages.ts";

export interface BatchContext {
  readonly database: Database;
  readonly assignment: BatchAssignment;
  readonly job: Job;
  /** in id order; a resumed batch omits the finished users */
  readonly targets: readonly number[];
  /** aborts when the service stops the batch or another attempt owns it; styles check it between transactions */
  readonly signal: AbortSignal;
  /** Runs `work` in a transaction that fails if the batch is in another attempt, and that prevents one until its end. */
  owned<T>(work: (session: Statements) => Promise<T>): Promise<T>;
  /** Within `owned`: records these users as done, for the other members, and lowers their flags. */
  recordDone(session: Statements, userIds: readonly number[]): Promise<void>;
  /** The number of users of this attempt whose rows are written, committed or not, for progress. */
  written(users: number): void;
  committed(userIds: readonly number[]): void;
}
