/** A worker thread of a measuring process: one partition of the users, with a separate client and pool. pool.ts starts it. */
import { parentPort, workerData } from "node:worker_threads";
import type { PartitionProgress } from "../protocol.ts";
import type { PoolAssignment } from "./assignment.ts";
import { preparePartition, type PartitionOutcome } from "./partition-runner.ts";

export interface WorkerTask {
  readonly assignment: PoolAssignment;
  readonly partitionIndex: number;
}

export type ToWorker = { type: "go"; limitMs: number | null };

export type FromWorker =
  | { type: "ready" }
  | { type: "progress"; progress: PartitionProgress }
  | { type: "done"; outcome: PartitionOutcome }
  | { type: "failed"; error: Error };

// Read before this thread loads a plug-in.
const port = parentPort;
const say = (message: FromWorker): void => port?.postMessage(message);

/** Errors of libraries can hold values that can't be sent to another thread. */
const plainError = (error: unknown): Error => {
  if (!(error instanceof Error)) return new Error(String(error));
  const plain = new Error(error.message, error.cause === undefined ? undefined : { cause: plainError(error.cause) });
  if (error.stack !== undefined) plain.stack = error.stack;
  return plain;
};

async function work(): Promise<void> {
  const { assignment, partitionIndex } = workerData as WorkerTask;
  const start = await preparePartition(assignment, partitionIndex);
  port?.on("message", ({ limitMs }: ToWorker) => {
    start(limitMs, (progress) => say({ type: "progress", progress })).then(
      (outcome) => say({ type: "done", outcome }),
      (error: unknown) => say({ type: "failed", error: plainError(error) }),
    );
  });
  say({ type: "ready" });
}

work().catch((error: unknown) => say({ type: "failed", error: plainError(error) }));
