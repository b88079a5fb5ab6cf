/**
 * The guards: they protect requests from a batch that holds the rows that the requests need. Each file in this folder that
 * exports `guard` is one.
 *
 * No guard is trusted: every write locks the user's row in its own transaction, whatever a flag says. A flag only decides
 * early what the lock would decide late. A wait for the lock occupies a connection.
 */
import type { Statements } from "../database/session.ts";

/**
 * Flags in the database, one row per user of a batch. The transactions of the batch change them, so a flag exists exactly while
 * its user is undone. It does not matter which member works, and how a member ends.
 */
export interface FlagRows {
  /** in the transaction of each write, before its lock */
  blocks(session: Statements, userId: number): Promise<boolean>;
  /** in the start of a batch that has no targets yet */
  raiseForEveryone(session: Statements, batchId: number): Promise<void>;
  /** in the start of a failed batch that has targets */
  raiseForUndone(session: Statements, batchId: number): Promise<void>;
  /** in the selection of the targets */
  narrow(session: Statements, batchId: number): Promise<void>;
  /** in the round that commits these users */
  lower(session: Statements, batchId: number, userIds: readonly number[]): Promise<void>;
  /** in the end of the batch, however it ends */
  lowerAll(session: Statements, batchId: number): Promise<void>;
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
  /** true: the hints of the process (cluster/hints.ts) refuse writes without the database */
  readonly usesHints: boolean;
  /** null: no flags in the database */
  readonly flags: FlagRows | null;
}
