/**
 * Decides which process runs a batch: one batch at a time, and one per date. Rows decide, so that every process gets the
 * same answer.
 */
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
  /** 1 while the lease of its process lasts */
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

/** On a busy machine the start of a process takes seconds. From its first heartbeat on, `leaseMs` applies. */
export const STARTING_LEASE_MS = 20_000;

export async function findBatch(database: Database, id: number): Promise<BatchRow | null> {
  const [row] = await database.withSession((session) =>
    session.rows<BatchRow>(`SELECT ${BATCH_COLUMNS} FROM batches WHERE id = ?`, [id]),
  );
  return row ?? null;
}

function refuse(batch: BatchRow, targetDate: string, style: BatchStyle): void {
  if (batch.status === "finished" && batch.targetDate === targetDate)
    throw new ApiProblem("batch-finished", `batch ${batch.id} finished the date ${targetDate}`, { batchId: batch.id });
  if (batch.status === "running" && batch.isAlive === 1)
    throw new ApiProblem("batch-running", `batch ${batch.id} of the date ${batch.targetDate} is running`, { batchId: batch.id });
  // A technique may commit a user's log row before the user's other rows, so another style would treat this user as
  // finished. A technique finds its finished users in its own log, so it would write the users of another style again.
  if (batch.targetDate === targetDate && batch.style !== style && [batch.style, style].includes("strategy"))
    throw new ApiProblem(
      "batch-style-differs",
      `batch ${batch.id} started in the style ${batch.style}; resume it in that style`,
      {
        batchId: batch.id,
      },
    );
}

const candidates = (session: Statements, targetDate: string, lock: "" | " FOR UPDATE"): Promise<BatchRow[]> =>
  session.rows<BatchRow>(`SELECT ${BATCH_COLUMNS} FROM batches WHERE status = 'running' OR target_date = ? ORDER BY id${lock}`, [
    targetDate,
  ]);

export interface Claim {
  readonly batchId: number;
  readonly attempt: number;
}

/** Serializes concurrent starts, and waits for the writes in progress, one of which may hold the lock for long. */
async function lockCutOff(session: Statements): Promise<void> {
  try {
    await session.rows("SELECT batch_id FROM batch_cutoff WHERE id = 1 FOR UPDATE");
  } catch (error) {
    if (!isLocked(error)) throw error;
    throw new ApiProblem("cut-off-locked", "the service started no batch; try again", { cause: error });
  }
}

/**
 * Reserves the batch of a date for the caller: a new batch, or a failed one under its earlier id.
 * @throws ApiProblem batch-running, batch-finished, batch-style-differs, cut-off-locked
 */
export async function claimBatch(database: Database, targetDate: string, style: BatchStyle): Promise<Claim> {
  return database.withSession(async (session) => {
    // Without a lock, so that the usual refusal does not wait for other transactions.
    for (const batch of await candidates(session, targetDate, "")) refuse(batch, targetDate, style);
    return session.transaction(async (transaction) => {
      await lockCutOff(transaction);
      const found = await candidates(transaction, targetDate, " FOR UPDATE");
      for (const batch of found) refuse(batch, targetDate, style);
      for (const { id } of found.filter((batch) => batch.status === "running" && batch.targetDate !== targetDate))
        await abandon(transaction, id);
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

/**
 * Fences out a silent batch of another date. Its process may only be slow, and must not write beside the new batch when it
 * wakes up.
 */
async function abandon(session: Statements, batchId: number): Promise<void> {
  await shutOut(session, batchId);
  await session.run("UPDATE batches SET status = 'failed', failure = 'the batch process stopped reporting' WHERE id = ?", [
    batchId,
  ]);
}

/**
 * Raises the attempt number, so that earlier processes of the batch can write nothing any more. @returns the number of the
 * next attempt
 */
async function shutOut(session: Statements, batchId: number): Promise<number> {
  try {
    // Every open transaction of the earlier attempt holds this row. The server must roll it back first.
    const [owner] = await session.rows<{ attempt: number }>(
      "SELECT attempt FROM batch_owners WHERE batch_id = ? FOR UPDATE NOWAIT",
      [batchId],
    );
    const attempt = (owner?.attempt ?? 0) + 1;
    await session.run("UPDATE batch_owners SET attempt = ? WHERE batch_id = ?", [attempt, batchId]);
    return attempt;
  } catch (error) {
    if (!isLocked(error)) throw error;
    const detail = `the server still rolls back a transaction of batch ${batchId}; try again`;
    throw new ApiProblem("batch-running", detail, { batchId, cause: error });
  }
}

/** Records the failure of a process that ended without a report. A later attempt of the batch stays unchanged. */
export async function markFailed(database: Database, { batchId, attempt }: Claim, failure: string): Promise<void> {
  await database.withSession((session) =>
    session.run(
      `UPDATE batches SET status = 'failed', failure = ? WHERE id = ? AND status = 'running'
         AND EXISTS (SELECT 1 FROM batch_owners WHERE batch_id = batches.id AND attempt = ?)`,
      [failure.slice(0, 500), batchId, attempt],
    ),
  );
}
