/**
 * The guards: they protect requests from a batch that holds the rows that the requests need. Each file in this folder that
 * exports `guard` is one.
 *
 * No guard is trusted: every write locks the user's row in its own transaction, whatever a flag says. A flag only decides
 * early what the lock would decide late. A wait for the lock occupies a connection.
 */
import type { Claim } from "../batch/claim.ts";
import type { Database, Statements } from "../database/database.ts";

/**
 * The users that the batch owns: all users while the batch selects its users, then only the selected users, each until the
 * commit of its chunk. Flags expire with the batch's lease, so that a dead batch blocks nobody. Every call names the owner
 * of the flags, because a service that lost its batch to another can still receive messages of its old process.
 */
export interface Flags {
  /** Called before each write, in the process: synchronous, without the database. */
  blocks(userId: number): boolean;
  /** Called inside each write's transaction, for flags in the database. */
  readonly blocksInDatabase?: (session: Statements, userId: number) => Promise<boolean>;
  raiseForEveryone(owner: Claim): Promise<void>;
  narrowTo(owner: Claim, userIds: readonly number[]): Promise<void>;
  clear(owner: Claim, userIds: readonly number[]): Promise<void>;
  clearAll(owner: Claim): Promise<void>;
  /** Called after each message of the batch process. */
  extendLease(): void;
  /** number of flags, for the metrics */
  readonly raised: number;
}

export interface FlagContext {
  /** for flags in the database */
  readonly database: Database;
  readonly leaseMs: number;
  /** the lease until the first message of the batch process */
  readonly startingLeaseMs: number;
  /** false only in tests that look for flags without a lease */
  readonly hasLease: boolean;
}

export interface Guard {
  readonly id: string;
  /** one line for --help and the documentation */
  readonly summary: string;
  /** longest wait of a write for the user's row; null: the server's innodb_lock_wait_timeout (50 s by default) */
  readonly lockWaitSeconds: number | null;
  /** true: the write does not wait */
  readonly noWait: boolean;
  /** the answer to a write whose row is locked: stored for later (202), or an error (503) */
  readonly whenLocked: "store" | "fail";
  createFlags(context: FlagContext): Flags;
}

/** For guards without flags. */
export const noFlags: Flags = {
  blocks: () => false,
  raiseForEveryone: async () => {},
  narrowTo: async () => {},
  clear: async () => {},
  clearAll: async () => {},
  extendLease() {},
  raised: 0,
};
