/**
 * T1, the start of a batch: a new one, or another attempt at a failed one. Any member runs it. Rows decide, so that every member
 * gives the same answer. The commit is the cut-off: from this moment on, manual changes win over the batch, and no order falls
 * into its window.
 */
import { windowBefore } from "../../workload/calendar.ts";
import type { Database } from "../database/database.ts";
import type { Statements } from "../database/session.ts";
import { isLocked } from "../database/errors.ts";
import { hasFault } from "../faults.ts";
import type { FlagRows } from "../guards/guard.ts";
import type { BatchStyle } from "../options.ts";
import { ApiProblem } from "../problems.ts";
import { batchRunId } from "../tables.ts";
import { isOpen, readCandidates, type BatchRow } from "./batches.ts";
import type { Claim } from "./fence.ts";

export interface BatchRequest {
  /** `2026-01-01` */
  readonly targetDate: string;
  readonly style: BatchStyle;
  readonly chunkUsers: number;
  readonly pauseMs: number;
  /** gives up failed batches of earlier dates for good */
  readonly abandon: boolean;
}

/** On a busy machine the start of a process takes seconds. From its first heartbeat on, its lease applies. */
export const STARTING_LEASE_MS = 20_000;

const isFenced = (style: BatchStyle): boolean => style === "chunked";

/** The end of the lease of a batch that a separate process runs; members need none. */
const lease = (style: BatchStyle): string =>
  isFenced(style) ? "NULL" : `UTC_TIMESTAMP(6) + INTERVAL ${STARTING_LEASE_MS * 1_000} MICROSECOND`;

/** The process of a batch may die without a report. Its batch counts as failed when its lease is over. */
const isSilent = (batch: BatchRow): boolean => isOpen(batch) && batch.isAlive === 0;

/** @throws ApiProblem for a batch that prevents the requested one */
function refuse(batch: BatchRow, { targetDate, style, abandon }: BatchRequest): void {
  const { id, status } = batch;
  if (status === "selecting" && hasFault("ignores-selecting")) return;
  if (batch.targetDate > targetDate && hasFault("older-date")) return;
  if (isOpen(batch) && !isSilent(batch))
    throw new ApiProblem("batch-running", `batch ${id} of the date ${batch.targetDate} is running`, { batchId: id });
  if (batch.targetDate > targetDate)
    throw new ApiProblem("newer-batch-exists", `batch ${id} has the newer date ${batch.targetDate}, and dates run in order`, {
      batchId: id,
    });
  if (batch.targetDate < targetDate) {
    if (abandon) return;
    const detail = `batch ${id} of the earlier date ${batch.targetDate} failed; run that date again, or send "abandon": true`;
    throw new ApiProblem("earlier-batch-failed", detail, { batchId: id });
  }
  if (status === "finished")
    throw new ApiProblem("batch-finished", `batch ${id} finished the date ${targetDate}`, { batchId: id });
  // A technique may commit a user's log row before the user's other rows, so another style would treat this user as
  // finished. A technique finds its finished users in its own log, so it would write the users of another style again.
  if (batch.style !== style && [batch.style, style].includes("strategy")) {
    const detail = `batch ${id} started in the style ${batch.style}; resume it in that style`;
    throw new ApiProblem("batch-style-differs", detail, { batchId: id });
  }
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
 * @param database waits at most 1 s for a lock
 * @throws ApiProblem future-target-date, batch-running, batch-finished, batch-style-differs, newer-batch-exists,
 * earlier-batch-failed, cut-off-locked, batch-rolling-back
 */
export async function startBatch(database: Database, request: BatchRequest, flags: FlagRows | null): Promise<Claim> {
  const { targetDate } = request;
  return database.withSession(async (session) => {
    // Without a lock, so that the usual refusal does not wait for other transactions.
    const [clock] = await session.rows<{ isFuture: number }>("SELECT ? > UTC_DATE() AS isFuture", [targetDate]);
    if (clock?.isFuture === 1) throw new ApiProblem("future-target-date", `the date ${targetDate} is in the future`);
    for (const batch of await readCandidates(session, targetDate, "")) refuse(batch, request);
    return session.transaction(async (transaction) => {
      await lockCutOff(transaction);
      const found = await readCandidates(transaction, targetDate, " FOR UPDATE");
      for (const batch of found) refuse(batch, request);
      for (const { id } of found.filter((batch) => batch.targetDate < targetDate)) await abandonBatch(transaction, id, flags);
      const earlier = found.find((batch) => batch.targetDate === targetDate);
      return earlier === undefined
        ? await createBatch(transaction, request, flags)
        : await resume(transaction, earlier, request, flags);
    });
  });
}

async function createBatch(
  session: Statements,
  { targetDate, style, chunkUsers, pauseMs }: BatchRequest,
  flags: FlagRows | null,
): Promise<Claim> {
  const { insertId: batchId } = await session.run(
    `INSERT INTO batches (target_date, style, status, chunk_users, pause_ms, lease_until, started_at, cut_off_at)
     VALUES (?, ?, 'selecting', ?, ?, ${lease(style)}, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))`,
    [targetDate, style, chunkUsers, pauseMs],
  );
  await session.run("INSERT IGNORE INTO coupon_runs (run_id) VALUES (?)", [batchRunId(batchId)]);
  await session.run("INSERT INTO batch_owners (batch_id, attempt) VALUES (?, 1)", [batchId]);
  const { to } = windowBefore(new Date(`${targetDate}T00:00:00Z`));
  await session.run("UPDATE batch_cutoff SET batch_id = ?, not_before = GREATEST(not_before, ?) WHERE id = 1", [batchId, to]);
  await flags?.raiseForEveryone(session, batchId);
  return { batchId, attempt: 1 };
}

async function resume(
  session: Statements,
  { id: batchId, hasTargets }: BatchRow,
  { style, chunkUsers, pauseMs }: BatchRequest,
  flags: FlagRows | null,
): Promise<Claim> {
  const attempt = await raiseAttempt(session, batchId);
  await session.run(
    `UPDATE batches SET status = IF(has_targets = 1${hasFault("resumes-as-running") ? " OR TRUE" : ""}, 'running', 'selecting'), style = ?, chunk_users = ?, pause_ms = ?,
       lease_until = ${lease(style)}, finished_at = NULL, failure = NULL, users_written = NULL WHERE id = ?`,
    [style, chunkUsers, pauseMs, batchId],
  );
  if (hasTargets === 1) await flags?.raiseForUndone(session, batchId);
  else await flags?.raiseForEveryone(session, batchId);
  return { batchId, attempt };
}

/** Its users keep what they have. A member that still works on it finds another attempt. */
async function abandonBatch(session: Statements, batchId: number, flags: FlagRows | null): Promise<void> {
  await raiseAttempt(session, batchId);
  await session.run("UPDATE batches SET status = 'abandoned', users_written = NULL WHERE id = ?", [batchId]);
  await flags?.lowerAll(session, batchId);
}

/** @returns the number of the next attempt; members and processes of earlier ones can write nothing any more */
async function raiseAttempt(session: Statements, batchId: number): Promise<number> {
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
    // after 409 batch-running, a client waited for the end of a batch that had failed
    const detail = `a transaction of batch ${batchId} is still open, and the service started no batch; try again`;
    throw new ApiProblem("batch-rolling-back", detail, { batchId, cause: error });
  }
}
