/**
 * Applies stored writes: for each user in the order of their arrival, together in one transaction. New stored writes and
 * each committed chunk of the batch wake the drainer. A sweep every second finds the writes that a crash or another process
 * left. A member that helps looks for the stored writes of the users of its round.
 */
import type { Database } from "../database/database.ts";
import { isLocked, isPassing } from "../database/errors.ts";
import type { Statements } from "../database/session.ts";
import { hasFault } from "../faults.ts";
import type { Guard } from "../guards/guard.ts";
import type { Metrics } from "../metrics.ts";
import { ApiProblem } from "../problems.ts";
import { performWrite } from "../writes/effects.ts";
import { logWrite } from "../writes/log.ts";
import { readCutOff, type CutOff } from "../writes/cut-off.ts";
import { requestIdOf, type Write, type WriteKind } from "../writes/write.ts";

/** Separate connections: the drainer takes none from requests and does not wait for them. */
export const DRAINER_CONNECTIONS = 4;
const SWEEP_EVERY_MS = 1_000;
const MAX_SWEPT_USERS = 20_000;
/** The next transaction applies further writes, because this one holds the user's row. */
const MAX_WRITES_PER_TRANSACTION = 100;
/** Delay while a row is locked. A commit of the batch wakes the drainer earlier; other transactions send no message. */
const FIRST_RETRY_MS = 50;
/** A batch may hold thousands of such users for minutes. A retry for each every few seconds would be considerable load. */
const MAX_RETRY_MS = 15_000;
const OVERDUE_AFTER_LEASES = 2;
/** A stored write that fails once more after this many failures is refused. */
const MAX_FAILURES = 5;

export interface DrainerParts {
  readonly database: Database;
  readonly guard: Guard;
  /** the hints of this process: true if the round of the user may be at work */
  readonly blocks: (userId: number) => boolean;
  /** true: this member sweeps the stored writes of the user */
  readonly isOwn: (userId: number) => boolean;
  /** Any member sweeps a write that has waited for longer than two leases, whatever a hint says. */
  readonly leaseMs: number;
  readonly metrics: Metrics;
  readonly onError: (error: unknown) => void;
}

interface QueuedRow {
  readonly id: number;
  readonly token: Buffer;
  readonly kind: WriteKind;
  readonly body: Write["body"];
  readonly bodyHash: Buffer;
}

interface Outcome {
  readonly outcome: "applied" | "refused";
  readonly statusCode: number;
}

/** A flag in the database blocks the user. Does not leave this file. */
class Flagged extends Error {}

/** The user is locked or flagged, which is no failure of the write. */
const isWaiting = (error: unknown): boolean => isLocked(error) || error instanceof Flagged;

export class Drainer {
  readonly #parts: DrainerParts;
  /** users to process, in order of arrival */
  readonly #ready = new Set<number>();
  /** users to process later: the number of postponements, and the timer of the next attempt */
  readonly #deferred = new Map<number, { readonly attempts: number; readonly timer: NodeJS.Timeout | null }>();
  readonly #atWork = new Set<Promise<void>>();
  readonly #busyUsers = new Set<number>();
  /** failures of a user's stored writes that no retry cures, since the last success */
  readonly #failures = new Map<number, number>();
  /** users whose writes have waited for so long that no hint delays them */
  readonly #overdue = new Set<number>();
  readonly #sweeper: NodeJS.Timeout;
  #sweep: Promise<void> | null = null;
  #isClosing = false;

  constructor(parts: DrainerParts) {
    this.#parts = parts;
    this.#sweeper = setInterval(() => this.#startSweep(), SWEEP_EVERY_MS).unref();
    this.#startSweep();
  }

  /** Processes the user soon, because a stored write may wait. */
  wake(userId: number): void {
    const deferred = this.#deferred.get(userId);
    if (deferred?.timer) clearTimeout(deferred.timer);
    this.#deferred.delete(userId);
    this.#ready.add(userId);
    this.#pump();
  }

  /** Processes those of these users who wait, because the batch no longer owns them. */
  release(userIds: Iterable<number>): void {
    for (const userId of userIds) if (this.#deferred.has(userId)) this.wake(userId);
  }

  /** Processes all waiting users, because the batch no longer owns anyone. */
  releaseAll(): void {
    this.release([...this.#deferred.keys()]);
  }

  /**
   * Looks for stored writes of these users, and processes them. Another member may have stored them, and may be gone: without this
   * search, they waited until its lease was over, 7.7 s after the round of their user.
   */
  async takeOver(userIds: readonly number[]): Promise<void> {
    const { database, onError } = this.#parts;
    try {
      const rows = await database.withSession((session) =>
        session.text<{ userId: number }>(
          "SELECT DISTINCT user_id AS userId FROM inbox WHERE status = 'pending' AND user_id IN (?)",
          [userIds],
        ),
      );
      if (!this.#isClosing) for (const { userId } of rows) this.wake(userId);
    } catch (error) {
      // The sweep finds them later.
      onError(error);
    }
  }

  /** Finishes the current transactions. Stored writes stay for the next start. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#sweeper);
    for (const { timer } of this.#deferred.values()) if (timer !== null) clearTimeout(timer);
    this.#deferred.clear();
    this.#ready.clear();
    await Promise.all([...this.#atWork, this.#sweep]);
  }

  #pump(): void {
    for (const userId of this.#ready) {
      if (this.#isClosing || this.#atWork.size >= DRAINER_CONNECTIONS) return;
      // The user stays in the queue until the end of its current transaction.
      if (this.#busyUsers.has(userId)) continue;
      this.#ready.delete(userId);
      const isOverdue = this.#overdue.delete(userId);
      if (this.#parts.blocks(userId) && !isOverdue) {
        this.#deferUser(userId, null);
        continue;
      }
      this.#busyUsers.add(userId);
      const work = this.#drain(userId).finally(() => {
        this.#busyUsers.delete(userId);
        this.#atWork.delete(work);
        this.#pump();
      });
      this.#atWork.add(work);
    }
  }

  /** @param retryMs null: until the flag clears, which `release` or the sweep detects */
  #deferUser(userId: number, retryMs: number | null): void {
    if (this.#isClosing) return;
    const attempts = (this.#deferred.get(userId)?.attempts ?? 0) + 1;
    const timer = retryMs === null ? null : setTimeout(() => this.#retry(userId), retryMs).unref();
    this.#deferred.set(userId, { attempts, timer });
  }

  #retry(userId: number): void {
    this.#ready.add(userId);
    this.#pump();
  }

  async #drain(userId: number): Promise<void> {
    const { database, metrics, onError } = this.#parts;
    const attempts = this.#deferred.get(userId)?.attempts ?? 0;
    const failures = this.#failures.get(userId) ?? 0;
    // One write at a time after a failure: the writes before the failing one take effect.
    const limit = failures === 0 ? MAX_WRITES_PER_TRANSACTION : 1;
    const apply = (isHopeless: boolean): Promise<Outcome[]> =>
      database.transaction((session) => this.#applyQueued(session, userId, limit, isHopeless));
    try {
      // The write itself must fail once more before it is refused: its earlier failures may be those of the server.
      const outcomes = await apply(false).catch((error: unknown) => {
        if (failures < MAX_FAILURES || isWaiting(error) || isPassing(error)) throw error;
        onError(error);
        return apply(true);
      });
      for (const { outcome } of outcomes) metrics.drained.inc({ outcome });
      this.#deferred.delete(userId);
      this.#failures.delete(userId);
      if (outcomes.length === limit) this.#ready.add(userId);
    } catch (error) {
      if (!isWaiting(error)) {
        metrics.drainFailures.inc();
        onError(error);
        if (!isPassing(error)) this.#failures.set(userId, failures + 1);
      }
      this.#deferUser(userId, Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** attempts) * (0.5 + Math.random()));
    }
  }

  /** @param isHopeless refuses the writes: they failed repeatedly, and would block their user forever */
  async #applyQueued(session: Statements, userId: number, limit: number, isHopeless: boolean): Promise<Outcome[]> {
    const { guard } = this.#parts;
    if ((await guard.flags?.blocks(session, userId)) === true) throw new Flagged();
    const isUnlocked = hasFault("drains-unlocked");
    if (!isUnlocked) await session.rows("SELECT id FROM users WHERE id = ? FOR UPDATE NOWAIT", [userId]);
    const order = hasFault("inbox-unordered") ? "DESC" : "ASC";
    const queued = await session.rows<QueuedRow>(
      `SELECT id, request_id AS token, kind, body, body_hash AS bodyHash FROM inbox
       WHERE user_id = ? AND status = 'pending' ORDER BY id ${order} LIMIT ${limit}${isUnlocked ? "" : " FOR UPDATE"}`,
      [userId],
    );
    if (queued.length === 0) return [];
    const cutOff = await readCutOff(session);
    const outcomes: Outcome[] = [];
    for (const row of queued) {
      const result = await this.#applyOne(session, userId, row, cutOff, isHopeless);
      await session.run("UPDATE inbox SET status = ?, status_code = ?, applied_at = UTC_TIMESTAMP(6) WHERE id = ?", [
        result.outcome,
        result.statusCode,
        row.id,
      ]);
      outcomes.push(result);
    }
    return outcomes;
  }

  async #applyOne(
    session: Statements,
    userId: number,
    row: QueuedRow,
    { batchId, now }: CutOff,
    isHopeless: boolean,
  ): Promise<Outcome> {
    const { token, kind, body, bodyHash } = row;
    const requestId = requestIdOf(token);
    const write: Write = { requestId, token, userId, kind, body, bodyHash };
    const entry = { via: "inbox", batchId, appliedAt: now } as const;
    try {
      if (isHopeless)
        throw new ApiProblem("internal-error", "the service could not apply the stored write, and logged the cause");
      const { statusCode, response } = await performWrite(session, write, batchId, now);
      await logWrite(session, write, { ...entry, outcome: "applied", statusCode, response: { requestId, userId, ...response } });
      return { outcome: "applied", statusCode };
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      const statusCode = error.status;
      await logWrite(session, write, { ...entry, outcome: "refused", statusCode, response: { ...error.document } });
      return { outcome: "refused", statusCode };
    }
  }

  #startSweep(): void {
    if (this.#sweep !== null || this.#isClosing) return;
    this.#sweep = this.#findQueued()
      .catch((error: unknown) => this.#parts.onError(error))
      .finally(() => (this.#sweep = null));
  }

  async #findQueued(): Promise<void> {
    const { database, isOwn, leaseMs } = this.#parts;
    const rows = await database.withSession((session) =>
      session.rows<{ userId: number; isOverdue: number }>(
        `SELECT user_id AS userId, MIN(accepted_at) < UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND AS isOverdue
         FROM inbox WHERE status = 'pending' GROUP BY user_id LIMIT ${MAX_SWEPT_USERS}`,
        [OVERDUE_AFTER_LEASES * leaseMs * 1_000],
      ),
    );
    for (const { userId, isOverdue } of rows) {
      if (isOverdue !== 1 && !isOwn(userId)) continue;
      if (isOverdue === 1) this.#overdue.add(userId);
      // A user with a timer has its next attempt. A user that waits for a flag gets another check, because the flag may have
      // expired.
      if (!this.#isClosing && (this.#deferred.get(userId)?.timer ?? null) === null) this.wake(userId);
    }
  }
}
