/** A worker thread of a measuring process: one share of the users, with a client and a pool of its own. Started by crew.ts. */
import { parentPort, workerData } from "node:worker_threads";
import type { Assignment, ShareProgress } from "../protocol.ts";
import { prepareShare, type ShareOutcome } from "./partition-runner.ts";

export interface WorkerTask {
  readonly assignment: Assignment;
  readonly shareIndex: number;
}

export type ToWorker = { type: "go"; limitMs: number | null };

export type FromWorker =
  | { type: "ready" }
  | { type: "progress"; progress: ShareProgress }
  | { type: "done"; outcome: ShareOutcome }
  | { type: "failed"; error: Error };

// Taken before any plug-in is loaded.
const port = parentPort;
const say = (message: FromWorker): void => port?.postMessage(message);

/** Errors of libraries carry what can't be sent to another thread. */
const plainError = (error: unknown): Error => {
  if (!(error instanceof Error)) return new Error(String(error));
  const plain = new Error(error.message, error.cause === undefined ? undefined : { cause: plainError(error.cause) });
  if (error.stack !== undefined) plain.stack = error.stack;
  return plain;
};

async function work(): Promise<void> {
  const { assignment, shareIndex } = workerData as WorkerTask;
  const start = await prepareShare(assignment, shareIndex);
  port?.on("message", ({ limitMs }: ToWorker) => {
    start(limitMs, (progress) => say({ type: "progress", progress })).then(
      (outcome) => say({ type: "done", outcome }),
      (error: unknown) => say({ type: "failed", error: plainError(error) }),
    );
  });
  say({ type: "ready" });
}

work().catch((error: unknown) => say({ type: "failed", error: plainError(error) }));
