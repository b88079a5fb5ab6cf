/** Decides for each write whether it takes effect now or waits in the inbox. */
import type { Database, Session, Statements } from "../database/database.ts";
import { isDeadlock, isDuplicate, isLocked } from "../database/errors.ts";
import type { Flags, Guard } from "../guards/guard.ts";
import { acceptWrite } from "../inbox/accept.ts";
import type { Metrics } from "../metrics.ts";
import type { Fault } from "../options.ts";
import { ApiProblem } from "../problems.ts";
import { performWrite } from "./effects.ts";
import { findEarlier, logWrite, type Answer } from "./log.ts";
import type { Write } from "./write.ts";

export interface WriterParts {
  readonly database: Database;
  readonly guard: Guard;
  readonly flags: Flags;
  readonly faults: readonly Fault[];
  readonly metrics: Metrics;
  /** called after each stored write */
  readonly onAccepted: (userId: number) => void;
}

/** The write must wait: a flag blocks the user, or the inbox holds a write of this user. Does not leave this file. */
class NotNow extends Error {}

interface UserRow {
  readonly hasQueued: number;
  readonly isKnown: number;
}

export class Writer {
  readonly #parts: WriterParts;
  readonly #userRow: string;

  constructor(parts: WriterParts) {
    this.#parts = parts;
    const lock = parts.faults.includes("no-row-lock") ? "" : `FOR UPDATE${parts.guard.noWait ? " NOWAIT" : ""}`;
    // The subqueries take no locks. They see everything committed before the statement began. A write that was answered
    // before this one was sent is included. Two overlapping writes may take effect in either order.
    this.#userRow = `SELECT EXISTS (SELECT 1 FROM inbox WHERE user_id = users.id AND status = 'pending') AS hasQueued,
      EXISTS (SELECT 1 FROM write_log WHERE token = ?) AS isKnown FROM users WHERE id = ? ${lock}`;
  }

  /** @throws ApiProblem */
  async write(write: Write): Promise<Answer> {
    const { database, flags } = this.#parts;
    if (flags.blocks(write.userId)) return await database.withSession((session) => this.#accept(session, write));
    // Stores a refused write on the same connection: with few connections, a second one may take long to get.
    return await database.withSession(async (session) => {
      try {
        return await session.transaction((transaction) => this.#writeNow(transaction, write));
      } catch (error) {
        return await this.#afterFailure(session, write, error);
      }
    });
  }

  /** Runs in one transaction, which commits when this method returns and rolls back when it throws. */
  async #writeNow(session: Statements, write: Write): Promise<Answer> {
    const { flags, faults } = this.#parts;
    const { userId } = write;
    if ((await flags.blocksInDatabase?.(session, userId)) === true) throw new NotNow();
    const [user] = await session.rows<UserRow>(this.#userRow, [write.token, userId]);
    if (user === undefined) throw new ApiProblem("user-not-found", `user ${userId} does not exist`);
    if (user.isKnown === 1) {
      const earlier = await findEarlier(session, write);
      if (earlier !== null) return earlier;
    }
    if (user.hasQueued === 1 && !faults.includes("bypass-inbox")) throw new NotNow();
    const batchId = await readCutOff(session, faults);
    const now = new Date();
    const { statusCode, response } = await performWrite(session, write, batchId, now);
    const answer = { requestId: write.requestId, userId, ...response };
    const entry = { via: "direct", batchId, outcome: "applied", statusCode, response: answer, appliedAt: now } as const;
    const logId = await logWrite(session, write, entry);
    return { outcome: "applied", statusCode, response: { ...answer, logId } };
  }

  /** Runs after the rollback of the transaction. */
  async #afterFailure(session: Session, write: Write, error: unknown): Promise<Answer> {
    const { guard, metrics } = this.#parts;
    if (error instanceof NotNow) return await this.#accept(session, write);
    if (isLocked(error)) {
      metrics.lockRefusals.inc({ how: guard.noWait ? "nowait" : "timeout" });
      if (guard.whenLocked === "store") return await this.#accept(session, write);
      throw new ApiProblem("lock-timeout", `the rows of user ${write.userId} are locked`, { cause: error });
    }
    // Another copy of this request arrived at the same time and committed first.
    if (isDuplicate(error, "write_log_token")) {
      const earlier = await findEarlier(session, write);
      if (earlier !== null) return earlier;
    }
    if (isDeadlock(error)) throw new ApiProblem("deadlock", "the service wrote nothing; repeat the request", { cause: error });
    throw error;
  }

  async #accept(session: Session, write: Write): Promise<Answer> {
    const answer = await acceptWrite(session, write);
    if (answer.outcome === "accepted") this.#parts.onAccepted(write.userId);
    return answer;
  }
}

/**
 * The last batch whose cut-off came before this transaction. The share lock delays the next cut-off until this transaction
 * ends.
 */
export async function readCutOff(session: Statements, faults: readonly Fault[]): Promise<number> {
  const lock = faults.includes("no-cut-off-lock") ? "" : " FOR SHARE";
  const [row] = await session.rows<{ batchId: number }>(`SELECT batch_id AS batchId FROM batch_cutoff WHERE id = 1${lock}`);
  if (row === undefined) throw new Error("the table batch_cutoff has no row: the service's tables are incomplete");
  return faults.includes("stale-stamp") ? Math.max(0, row.batchId - 1) : row.batchId;
}
