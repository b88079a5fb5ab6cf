/** Who may run a batch: one at a time, one per date, and its number. All of it is decided by rows, so that any process can ask. */
import type { Database, Statements } from "../database/database.ts";
import { isLocked } from "../database/errors.ts";
import type { BatchStyle } from "../options.ts";
import { ApiProblem } from "../problems.ts";
import { batchRunId } from "../tables.ts";

export interface BatchRow {
  readonly id: number;
  readonly targetDate: string;
  readonly style: BatchStyle;
  readonly status: "running" | "finished" | "failed";
  /** the process that runs it was heard of lately */
  readonly isAlive: number;
  readonly startedAt: Date;
  readonly cutOffAt: Date | null;
  readonly finishedAt: Date | null;
  readonly targets: number | null;
  readonly usersDone: number;
  readonly failure: string | null;
}

const BATCH_COLUMNS = `id, DATE_FORMAT(target_date, '%Y-%m-%d') AS targetDate, style, status, lease_until > UTC_TIMESTAMP(6) AS isAlive,
  started_at AS startedAt, cut_off_at AS cutOffAt, finished_at AS finishedAt, targets, users_done AS usersDone, failure`;

/** Starting a process on a busy machine takes seconds; from its first heartbeat on the lease is the usual one. */
export const STARTING_LEASE_MS = 20_000;

export async function findBatch(database: Database, id: number): Promise<BatchRow | null> {
  const [row] = await database.withSession((session) =>
    session.rows<BatchRow>(`SELECT ${BATCH_COLUMNS} FROM batches WHERE id = ?`, [id]),
  );
  return row ?? null;
}

function refuse(batch: BatchRow, targetDate: string, style: BatchStyle): void {
  if (batch.status === "finished" && batch.targetDate === targetDate)
    throw new ApiProblem("batch-finished", `batch ${batch.id} has done ${targetDate}`, { batchId: batch.id });
  if (batch.status === "running" && batch.isAlive === 1)
    throw new ApiProblem("batch-running", `batch ${batch.id} of ${batch.targetDate} is running`, { batchId: batch.id });
  // A technique may commit a user's log row before the rest: other styles would take the user for done. A technique in turn knows
  // what it has written by a log of its own, and would write again what they have done.
  if (batch.targetDate === targetDate && batch.style !== style && [batch.style, style].includes("strategy"))
    throw new ApiProblem("batch-style-differs", `batch ${batch.id} has begun as ${batch.style}: take it up again as that`, {
      batchId: batch.id,
    });
}

const candidates = (session: Statements, targetDate: string, lock: "" | " FOR UPDATE"): Promise<BatchRow[]> =>
  session.rows<BatchRow>(`SELECT ${BATCH_COLUMNS} FROM batches WHERE status = 'running' OR target_date = ? ORDER BY id${lock}`, [
    targetDate,
  ]);

export interface Claim {
  readonly batchId: number;
  readonly attempt: number;
}

/** Two who ask at once come one after the other, and both after the writes under way, of which one may wait for long. */
async function lockCutOff(session: Statements): Promise<void> {
  try {
    await session.rows("SELECT batch_id FROM batch_cutoff WHERE id = 1 FOR UPDATE");
  } catch (error) {
    if (!isLocked(error)) throw error;
    throw new ApiProblem("cut-off-locked", "nothing was started: try again", { cause: error });
  }
}

/**
 * Makes the batch of a date ours to run: a new one, or one that failed, under its old id.
 * @throws ApiProblem batch-running, batch-finished, batch-style-differs, cut-off-locked
 */
export async function claimBatch(database: Database, targetDate: string, style: BatchStyle): Promise<Claim> {
  return database.withSession(async (session) => {
    // without a lock: the usual refusal must not wait for anybody
    for (const batch of await candidates(session, targetDate, "")) refuse(batch, targetDate, style);
    return session.transaction(async (transaction) => {
      await lockCutOff(transaction);
      const found = await candidates(transaction, targetDate, " FOR UPDATE");
      for (const batch of found) refuse(batch, targetDate, style);
      for (const { id } of found.filter((batch) => batch.status === "running" && batch.targetDate !== targetDate))
        await giveUp(transaction, id);
      const earlier = found.find((batch) => batch.targetDate === targetDate);
      return earlier === undefined
        ? await createBatch(transaction, targetDate, style)
        : await takeOver(transaction, earlier.id, style);
    });
  });
}

const LEASE = `UTC_TIMESTAMP(6) + INTERVAL ${STARTING_LEASE_MS * 1_000} MICROSECOND`;

async function createBatch(session: Statements, targetDate: string, style: BatchStyle): Promise<Claim> {
  const { insertId: batchId } = await session.run(
    `INSERT INTO batches (target_date, style, status, lease_until, started_at) VALUES (?, ?, 'running', ${LEASE}, UTC_TIMESTAMP(6))`,
    [targetDate, style],
  );
  await session.run("INSERT INTO batch_owners (batch_id, attempt) VALUES (?, 1)", [batchId]);
  await session.run("INSERT IGNORE INTO coupon_runs (run_id) VALUES (?)", [batchRunId(batchId)]);
  return { batchId, attempt: 1 };
}

async function takeOver(session: Statements, batchId: number, style: BatchStyle): Promise<Claim> {
  const attempt = await shutOut(session, batchId);
  await session.run(
    `UPDATE batches SET status = 'running', style = ?, lease_until = ${LEASE}, finished_at = NULL, failure = NULL WHERE id = ?`,
    [style, batchId],
  );
  return { batchId, attempt };
}

/** One of another date whose process may only be slow: it must not write beside ours when it wakes up. */
async function giveUp(session: Statements, batchId: number): Promise<void> {
  await shutOut(session, batchId);
  await session.run("UPDATE batches SET status = 'failed', failure = 'it was not heard of any more' WHERE id = ?", [batchId]);
}

/** Whoever has worked on a batch until now writes nothing of it any more. @returns the number of the next attempt */
async function shutOut(session: Statements, batchId: number): Promise<number> {
  try {
    // held by every open transaction of the attempt before: what it left must be rolled back first
    const [owner] = await session.rows<{ attempt: number }>(
      "SELECT attempt FROM batch_owners WHERE batch_id = ? FOR UPDATE NOWAIT",
      [batchId],
    );
    const attempt = (owner?.attempt ?? 0) + 1;
    await session.run("UPDATE batch_owners SET attempt = ? WHERE batch_id = ?", [attempt, batchId]);
    return attempt;
  } catch (error) {
    if (!isLocked(error)) throw error;
    const detail = `what batch ${batchId} left open is being rolled back: try again`;
    throw new ApiProblem("batch-running", detail, { batchId, cause: error });
  }
}

/** What is known from outside when its process ended without a word. A process that took the batch over is left alone. */
export async function markFailed(database: Database, { batchId, attempt }: Claim, failure: string): Promise<void> {
  await database.withSession((session) =>
    session.run(
      `UPDATE batches SET status = 'failed', failure = ? WHERE id = ? AND status = 'running'
         AND EXISTS (SELECT 1 FROM batch_owners WHERE batch_id = batches.id AND attempt = ?)`,
      [failure.slice(0, 500), batchId, attempt],
    ),
  );
}
