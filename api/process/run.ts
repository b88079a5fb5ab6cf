/** Runs one batch from the selection of its users to its end, in a separate process. Styles differ only in the way they write. */
import { setTimeout as delay } from "node:timers/promises";
import { finishBatch } from "../batch/end.ts";
import { NotMine, requireMine } from "../batch/fence.ts";
import { readJob } from "../batch/job.ts";
import { recordStep } from "../batch/round.ts";
import { selectTargets } from "../batch/select.ts";
import { readUndone } from "../batch/undone.ts";
import type { Database } from "../database/database.ts";
import { findGuard } from "../guards/registry.ts";
import { DEFAULT_OPTIONS, type BatchStyle } from "../options.ts";
import type { BatchContext } from "./context.ts";
import { runLong } from "./long.ts";
import type { BatchAssignment, FromBatch } from "./messages.ts";
import { runStrategy } from "./strategy.ts";

const STYLES: Readonly<Record<Exclude<BatchStyle, "chunked">, (context: BatchContext) => Promise<void>>> = {
  long: runLong,
  strategy: runStrategy,
};

const HEARTBEATS_PER_LEASE = 3;

/** @param send sends a message to the service; it must not throw */
export async function runBatch(
  database: Database,
  assignment: BatchAssignment,
  send: (message: FromBatch) => void,
  signal: AbortSignal,
): Promise<void> {
  const { batchId, style } = assignment;
  if (style === "chunked") throw new Error("the process failed: members of the cluster run the style `chunked`");
  const { flags } = await findGuard(assignment.guard);
  const job = await readJob(database, assignment);
  let usersWritten = 0;
  await using heartbeat = startHeartbeat(database, assignment, () => usersWritten, send);
  // False in a resumed batch: its users were selected before.
  await selectTargets(database, assignment, job, flags, DEFAULT_OPTIONS.selectMs);
  // A technique has its own log and takes its finished users into account.
  const targets = style === "strategy" ? await readTargets(database, batchId) : await readUndone(database, batchId);
  send({ type: "running" });

  await STYLES[style]({
    database,
    assignment,
    job,
    targets,
    signal: AbortSignal.any([signal, heartbeat.lost]),
    owned: (work) =>
      database.transaction(async (session) => {
        await requireMine((sql, params) => session.rows(sql, params), assignment, " FOR SHARE");
        return work(session);
      }),
    async recordDone(session, userIds) {
      const member = Buffer.from(assignment.member, "hex");
      await recordStep(session, { claim: assignment, member, userIds, startedAt: null });
      await flags?.lower(session, batchId, userIds);
    },
    written(users) {
      usersWritten = users;
    },
    committed(userIds) {
      send({ type: "committed", userIds });
    },
  });

  if (!(await finishBatch(database, assignment, flags))) throw new Error(`the style \`${style}\` left users without a grade log`);
  send({ type: "finished" });
}

async function readTargets(database: Database, batchId: number): Promise<number[]> {
  const rows = await database.withSession((session) =>
    session.rows<{ userId: number }>("SELECT user_id AS userId FROM batch_targets WHERE batch_id = ? ORDER BY user_id", [
      batchId,
    ]),
  );
  return rows.map(({ userId }) => userId);
}

/** Renews the lease, in the database and by message, while the process lives and the batch is in its attempt. */
function startHeartbeat(
  database: Database,
  assignment: BatchAssignment,
  usersWritten: () => number,
  send: (message: FromBatch) => void,
): { readonly lost: AbortSignal } & AsyncDisposable {
  const { batchId, attempt, leaseMs } = assignment;
  const lost = new AbortController();
  const over = new AbortController();
  const beat = async (): Promise<void> => {
    // One statement: a process that slept between a check and the update would extend the lease of its successor.
    const { affectedRows } = await database.withSession((session) =>
      session.run(
        `UPDATE batches SET lease_until = UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND, users_written = ?
         WHERE id = ? AND status IN ('selecting', 'running')
           AND EXISTS (SELECT 1 FROM batch_owners WHERE batch_id = batches.id AND attempt = ?)`,
        [leaseMs * 1_000, usersWritten(), batchId, attempt],
      ),
    );
    if (affectedRows === 0) lost.abort(new NotMine(`batch ${batchId} is no longer in attempt ${attempt}`));
    else send({ type: "heartbeat" });
  };
  const beating = (async () => {
    while (!over.signal.aborted) {
      // The next heartbeat repeats a failed one: the lease outlasts it.
      await beat().catch(() => {});
      await delay(leaseMs / HEARTBEATS_PER_LEASE, undefined, { signal: over.signal }).catch(() => {});
    }
  })();
  return {
    lost: lost.signal,
    async [Symbol.asyncDispose]() {
      over.abort();
      await beating;
    },
  };
}
