/** Decides for each write whether it takes effect now or waits in the inbox. */
import type { Database } from "../database/database.ts";
import type { Session, Statements } from "../database/session.ts";
import { isDeadlock, isDuplicate, isLocked } from "../database/errors.ts";
import { hasFault } from "../faults.ts";
import type { Guard } from "../guards/guard.ts";
import { acceptWrite } from "../inbox/accept.ts";
import type { Metrics } from "../metrics.ts";
import { ApiProblem } from "../problems.ts";
import { performWrite } from "./effects.ts";
import { registerKey } from "./keys.ts";
import { readCutOff } from "./cut-off.ts";
import { findEarlier, logWrite, type Answer } from "./log.ts";
import type { Write } from "./write.ts";

export interface WriterParts {
  readonly database: Database;
  readonly guard: Guard;
  /** the hints of this process: true if the round of the user may be at work */
  readonly blocks: (userId: number) => boolean;
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
    const lock = hasFault("no-row-lock") ? "" : `FOR UPDATE${parts.guard.noWait ? " NOWAIT" : ""}`;
    // The subqueries take no locks. They see everything committed before the statement began. A write that was answered
    // before this one was sent is included. Two overlapping writes may take effect in either order.
    this.#userRow = `SELECT EXISTS (SELECT 1 FROM inbox WHERE user_id = users.id AND status = 'pending') AS hasQueued,
      EXISTS (SELECT 1 FROM write_keys WHERE token = ?) AS isKnown FROM users WHERE id = ? ${lock}`;
  }

  /** @throws ApiProblem */
  async write(write: Write): Promise<Answer> {
    const { database, blocks } = this.#parts;
    if (blocks(write.userId)) return await database.withSession((session) => this.#accept(session, write));
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
    const { guard } = this.#parts;
    const { userId } = write;
    if ((await guard.flags?.blocks(session, userId)) === true) throw new NotNow();
    const [user] = await session.rows<UserRow>(this.#userRow, [write.token, userId]);
    if (user === undefined) throw new ApiProblem("user-not-found", `user ${userId} does not exist`);
    if (user.isKnown === 1) {
      const earlier = await findEarlier(session, write);
      if (earlier !== null) return earlier;
    }
    if (user.hasQueued === 1 && !hasFault("overtakes-inbox")) throw new NotNow();
    const { batchId, now } = await readCutOff(session);
    if (!hasFault("no-key-in-direct")) await registerKey(session, write);
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
    // Another copy of this request, or another request under its key, arrived at the same time and committed first.
    if (isDuplicate(error, "write_keys")) {
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
