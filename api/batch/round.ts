/**
 * T3, one round: the effects on some users, the markers that these users are done, and the step commit together under the
 * users' row locks. A round of any member may overlap with it: the second one finds the users locked, or finds their markers.
 */
import type { OrderTotal, UserDecision } from "../../workload/tables.ts";
import type { Database } from "../database/database.ts";
import type { Statements } from "../database/session.ts";
import type { FlagRows } from "../guards/guard.ts";
import { hasFault } from "../faults.ts";
import { GRADE_LOGS } from "../tables.ts";
import { NotMine, type Claim } from "./fence.ts";
import type { Job } from "./job.ts";
import { decideLocked, lockUsers, readTotals, type LockedUser } from "./renewal.ts";
import { markUsers, writeUsers } from "./rows.ts";

/** A member that is slow but alive holds the rows of its users. It gives up a round after this time. */
const ROUND_LIMIT_MS = 5_000;

export interface RoundParts {
  readonly database: Database;
  readonly job: Job;
  readonly claim: Claim;
  /** 16 bytes */
  readonly member: Buffer;
  readonly flags: FlagRows | null;
}

/** The writes of the first transaction of a round; without a fault, the only one. */
interface Written {
  readonly ids: readonly number[];
  readonly decisions: readonly UserDecision[];
  readonly startedAt: Date;
}

/** Rolls the round back: no user is left to write. Does not leave this file. */
class NobodyLeft extends Error {}

/**
 * @param userIds at least one, not done in the last reading of the member
 * @param mode `` waits for each user, up to the lock wait limit of the session
 * @returns the users that this round committed; none: the round wrote nothing
 * @throws NotMine, and errors of the database; a round whose commit got no answer is done or not, and its markers show which
 */
export async function runRound(
  { database, job, claim, member, flags }: RoundParts,
  userIds: readonly number[],
  mode: "" | " SKIP LOCKED",
): Promise<readonly number[]> {
  const isApart = hasFault("markers-later");
  let unfinished: Written | null = null;
  return database.withSession(async (outside) => {
    const totals = await readTotals(outside, job, userIds);
    const limits = { limitMs: ROUND_LIMIT_MS, attempts: 1 };
    try {
      const written = await outside.transaction((session) => write(session, totals), limits);
      if (isApart) await outside.transaction((session) => record(session, written), limits);
      return written.ids;
    } catch (error) {
      if (error instanceof NobodyLeft) return [];
      const progress = hasFault("progress-despite-rollback") ? unfinished : null;
      if (progress !== null) await outside.transaction((session) => record(session, progress));
      throw error;
    }
  });

  async function write(session: Statements, totals: readonly OrderTotal[]): Promise<Written> {
    const startedAt = await requireOwner(session, claim, !hasFault("no-fence"));
    const early = hasFault("markers-before-lock") ? await readDone(session, job.runId, userIds) : null;
    const locked = await lockUsers(session, userIds, mode);
    if (locked.length === 0) throw new NobodyLeft();
    const done = early ?? (await doneOf(session, locked));
    const users = locked.filter(({ id }) => !done.has(id));
    if (users.length === 0) throw new NobodyLeft();
    const decisions = await decideLocked(session, job, users, totals);
    const written: Written = { ids: users.map(({ id }) => id), decisions, startedAt };
    unfinished = written;
    await writeUsers(session, job, decisions, !isApart);
    if (!isApart) await recordRound(session, written);
    return written;
  }

  async function doneOf(session: Statements, locked: readonly LockedUser[]): Promise<Set<number>> {
    if (hasFault("no-marker-check")) return new Set();
    return await readDone(
      session,
      job.runId,
      locked.map(({ id }) => id),
    );
  }

  /** With a fault, in a separate transaction. */
  async function record(session: Statements, written: Written): Promise<void> {
    await markUsers(session, job, written.decisions);
    await recordRound(session, written);
  }

  async function recordRound(session: Statements, { ids, startedAt }: Written): Promise<void> {
    await recordStep(session, { claim, member, userIds: ids, startedAt });
    await flags?.lower(session, claim.batchId, ids);
  }
}

/** @returns the time of the server. @throws NotMine */
async function requireOwner(session: Statements, { batchId, attempt }: Claim, isFenced: boolean): Promise<Date> {
  const [owner] = await session.rows<{ attempt: number; now: Date }>(
    "SELECT attempt, UTC_TIMESTAMP(6) AS now FROM batch_owners WHERE batch_id = ? FOR SHARE",
    [batchId],
  );
  if (owner === undefined || (isFenced && owner.attempt !== attempt))
    throw new NotMine(`batch ${batchId} is no longer in attempt ${attempt}`);
  return owner.now;
}

/**
 * A plain read in a statement after the locks. Its view is newer than the locks, so it sees the marker of every round that held
 * these users before. A locking read would wait for markers of other rounds where its plan scans the index.
 */
async function readDone(session: Statements, runId: number, userIds: readonly number[]): Promise<Set<number>> {
  const rows = await session.text<{ userId: number }>(
    `SELECT user_id AS userId FROM ${GRADE_LOGS} WHERE run_id = ? AND user_id IN (?)`,
    [runId, userIds],
  );
  return new Set(rows.map(({ userId }) => userId));
}

export interface Step {
  readonly claim: Claim;
  readonly member: Buffer;
  readonly userIds: readonly number[];
  /** by the server's clock; null: the step began with this statement */
  readonly startedAt: Date | null;
}

export async function recordStep(session: Statements, { claim, member, userIds, startedAt }: Step): Promise<void> {
  await session.run(
    `INSERT INTO batch_steps (batch_id, attempt, member, user_ids, started_at, finished_at)
     VALUES (?, ?, ?, ?, COALESCE(?, UTC_TIMESTAMP(6)), UTC_TIMESTAMP(6))`,
    [claim.batchId, claim.attempt, member, JSON.stringify(userIds), startedAt],
  );
}
