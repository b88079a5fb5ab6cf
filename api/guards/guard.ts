/**
 * What protects requests from a batch that holds the rows they need. One file per guard in this folder; each exports `guard`.
 *
 * No guard is trusted: every write takes the user's row lock in its own transaction, whatever a flag says. A flag only decides
 * early what the lock would decide late, because waiting for the lock costs a connection for as long as it takes.
 */
import type { Claim } from "../batch/claim.ts";
import type { Database, Statements } from "../database/database.ts";

/**
 * Who must not be written to because the batch is at them: everyone while the batch looks for its users, then these alone, each
 * until its chunk is committed. They count as long as the batch is heard of (its lease), so that a dead one blocks nobody.
 * Each call says whose flags are meant: a service that has lost its batch to another may still hear what its process said.
 */
export interface Flags {
  /** Asked before each write, in the process: no database, no promise. */
  blocks(userId: number): boolean;
  /** Asked inside each write's transaction, where the flags are kept in the database. */
  readonly blocksInDatabase?: (session: Statements, userId: number) => Promise<boolean>;
  raiseForEveryone(owner: Claim): Promise<void>;
  narrowTo(owner: Claim, userIds: readonly number[]): Promise<void>;
  clear(owner: Claim, userIds: readonly number[]): Promise<void>;
  clearAll(owner: Claim): Promise<void>;
  /** The batch was heard of. */
  extendLease(): void;
  /** for the metrics */
  readonly raised: number;
}

export interface FlagContext {
  /** for flags that are kept there */
  readonly database: Database;
  readonly leaseMs: number;
  /** until the batch is first heard of */
  readonly startingLeaseMs: number;
  /** false only to test what finds flags without one */
  readonly hasLease: boolean;
}

export interface Guard {
  readonly id: string;
  /** one line for --help and the documentation */
  readonly summary: string;
  /** how long a write waits for the user's row; null: as long as the server is set to (50 s by default) */
  readonly lockWaitSeconds: number | null;
  /** true: not at all */
  readonly noWait: boolean;
  /** what a write that can't have its row gets: stored for later (202), or an error (503) */
  readonly whenLocked: "store" | "fail";
  createFlags(context: FlagContext): Flags;
}

/** For guards that wait for the row, or don't, and know nothing of the batch. */
export const noFlags: Flags = {
  blocks: () => false,
  raiseForEveryone: async () => {},
  narrowTo: async () => {},
  clear: async () => {},
  clearAll: async () => {},
  extendLease() {},
  raised: 0,
};
