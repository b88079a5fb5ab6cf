/**
 * Runs any technique through any library, by one or several workers. A technique has no notion of manual changes and may overwrite
 * them. A last step restores the changes after the cut-off, before the flags clear.
 */
import { Worker } from "node:worker_threads";
import { partitionUsers } from "../../strategies/partition.ts";
import type { BatchContext } from "./context.ts";
import { loadOrm, runPartition, type PartitionTask } from "./partition-run.ts";
import type { FromPartition, ToPartition } from "./partition-thread.ts";

/** Users whose badges one transaction restores. */
const RECONCILED_USERS = 200;

export async function runStrategy(context: BatchContext): Promise<void> {
  const { targets, assignment, job } = context;
  const { strategy: choice } = assignment;
  if (choice === null) throw new Error("the style `strategy` failed: the assignment names no technique and no library");
  const last = targets.at(-1);
  if (last === undefined) return;
  const orm = await loadOrm(choice.ormUrl);
  await orm.prepare?.();
  const { codeUrl, ormUrl, keyUrl, parallel } = choice;
  const { batchId, attempt, target, chunkUsers } = assignment;
  const { runId, window, changedAt } = job;
  const tasks = partitionUsers(last, last, choice).map((partition): PartitionTask => ({
    modules: { codeUrl, ormUrl, keyUrl },
    assignment: { batchId, attempt, target, chunkUsers },
    job: { runId, window, changedAt },
    partition,
  }));
  await runAll(tasks, tasks.length > 1 && parallel === null ? runInThread : runPartition, context);
  await reconcile(context);
  await context.owned((session) => context.recordDone(session, targets));
  context.committed(targets);
}

/** Ends when all partitions have ended. The first failure stops the others, because the batch has failed with it. */
async function runAll(tasks: readonly PartitionTask[], run: typeof runPartition, context: BatchContext): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([context.signal, failed.signal]);
  const usersWritten = tasks.map(() => 0);
  const written = (index: number, users: number): void => {
    usersWritten[index] = users;
    context.written(usersWritten.reduce((sum, part) => sum + part, 0));
  };
  await Promise.allSettled(
    tasks.map((task, index) =>
      run(task, signal, (users) => written(index, users)).catch((error: unknown) => {
        if (!failed.signal.aborted) failed.abort(error);
      }),
    ),
  );
  failed.signal.throwIfAborted();
}

async function runInThread(task: PartitionTask, signal: AbortSignal, written: (users: number) => void): Promise<void> {
  const worker = new Worker(new URL("./partition-thread.ts", import.meta.url), { workerData: task });
  const stop = (): void => worker.postMessage({ type: "stop" } satisfies ToPartition);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    await new Promise<void>((resolve, reject) => {
      worker.on("message", (message: FromPartition) => {
        if (message.type === "written") written(message.users);
        else if (message.type === "done") resolve();
        else reject(new Error(message.message));
      });
      worker.once("error", reject);
      worker.once("exit", (code) => reject(new Error(`a worker thread ended early with exit code ${code}`)));
    });
  } finally {
    signal.removeEventListener("abort", stop);
    await worker.terminate();
  }
}

async function reconcile(context: BatchContext): Promise<void> {
  const { database, assignment } = context;
  const { batchId } = assignment;
  for (let after = 0; ;) {
    const users = await database.withSession((session) =>
      session.rows<{ userId: number }>(
        `SELECT DISTINCT user_id AS userId FROM badge_overrides WHERE user_id > ? AND after_batch_id >= ?
         ORDER BY user_id LIMIT ${RECONCILED_USERS}`,
        [after, batchId],
      ),
    );
    const userIds = users.map(({ userId }) => userId);
    const last = userIds.at(-1);
    if (last === undefined) return;
    await context.owned(async (session) => {
      await session.text("SELECT id FROM users WHERE id IN (?) ORDER BY id FOR UPDATE", [userIds]);
      await session.text(
        `UPDATE badge_overrides JOIN badges USING (user_id, category_id)
         SET badges.active = badge_overrides.active, badges.changed_at = badge_overrides.changed_at
         WHERE badge_overrides.user_id IN (?) AND badge_overrides.after_batch_id >= ?`,
        [userIds, batchId],
      );
    });
    after = last;
  }
}
