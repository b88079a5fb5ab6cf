/** What a style gets to write a batch with. */
import type { Window } from "../../workload/calendar.ts";
import type { Database, Statements } from "../database/database.ts";
import type { BatchAssignment } from "./messages.ts";

export interface BatchContext {
  readonly database: Database;
  readonly assignment: BatchAssignment;
  readonly window: Window;
  /** what changed rows carry: the same each time, so that a batch that is taken up again writes the same rows */
  readonly changedAt: Date;
  /** in the workload's tables */
  readonly runId: number;
  readonly couponByCategory: ReadonlyMap<number, number>;
  /** in id order; on a batch that is taken up again without those that are done */
  readonly targets: readonly number[];
  /** Throws where the service said stop. Asked between transactions. */
  readonly signal: AbortSignal;
  /** A transaction in which nobody else can take the batch over, and which writes nothing if somebody has. */
  owned<T>(work: (session: Statements) => Promise<T>): Promise<T>;
  /** So many more users' rows are written, whether or not they are committed: for whoever watches the batch. */
  written(users: number): void;
  committed(userIds: readonly number[]): void;
}
