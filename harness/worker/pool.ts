/**
 * The workers of one sample, each with a client and a pool. One partition runs in this thread. Several run in one thread each, or
 * all in this one.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { PoolAssignment } from "./assignment.ts";
import { preparePartition, type ReportProgress, type PartitionOutcome, type StartPartition } from "./partition-runner.ts";
import type { FromWorker, ToWorker, WorkerTask } from "./thread.ts";

export interface WorkerPool {
  /** Starts all partitions at the same time. It rejects with the error of the first failed partition. */
  go(
    limitMs: number | null,
    report: (partitionIndex: number, ...progress: Parameters<ReportProgress>) => void,
  ): Promise<PartitionOutcome[]>;
}

/** @returns when every worker is connected and warm */
export async function prepareWorkerPool(assignment: PoolAssignment): Promise<WorkerPool> {
  const isOneThread = assignment.partitions.length === 1 || assignment.cell.parallel === "connections";
  const starts = await Promise.all(
    assignment.partitions.map((_, partitionIndex) =>
      isOneThread ? preparePartition(assignment, partitionIndex) : prepareThread({ assignment, partitionIndex }),
    ),
  );
  return {
    go: (limitMs, report) =>
      Promise.all(starts.map((start, partitionIndex) => start(limitMs, (progress) => report(partitionIndex, progress)))),
  };
}

async function prepareThread(task: WorkerTask): Promise<StartPartition> {
  const worker = new Worker(new URL("./thread.ts", import.meta.url), { workerData: task });
  const name = `worker ${task.partitionIndex + 1}`;
  const answers = answersOf(worker, name);
  if ((await answers.next("ready")).type !== "ready") throw new Error(`${name} answered out of turn`);
  return async (limitMs, report) => {
    const done = answers.next("done", report);
    worker.postMessage({ type: "go", limitMs } satisfies ToWorker);
    return (await done).outcome;
  };
}

type Answer<Type extends FromWorker["type"]> = Extract<FromWorker, { type: Type }>;

/** `next` rejects with the worker's error, or when the worker ends without an answer. */
function answersOf(worker: Worker, name: string) {
  // Listens before the first `next`, so that the pool does not miss a worker that fails at once.
  const ended = Promise.race([
    once(worker, "exit").then(([code]) => new Error(`${name} ended by itself (exit code ${String(code)})`)),
    once(worker, "error").then(
      ([error]) => error as Error,
      (error: unknown) => error as Error,
    ),
  ]);
  return {
    async next<Type extends FromWorker["type"]>(type: Type, report?: ReportProgress): Promise<Answer<Type>> {
      const { promise, resolve, reject } = Promise.withResolvers<Answer<Type>>();
      const onMessage = (message: FromWorker): void => {
        if (message.type === type) resolve(message as Answer<Type>);
        else if (message.type === "failed") reject(message.error);
        else if (message.type === "progress") report?.(message.progress);
      };
      worker.on("message", onMessage);
      void ended.then(reject);
      try {
        return await promise;
      } finally {
        worker.off("message", onMessage);
      }
    },
  };
}
