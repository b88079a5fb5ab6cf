/** A worker thread of the process that runs a batch: one partition of a technique. strategy.ts starts it. */
import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../../lib/errors.ts";
import { runPartition, type PartitionTask } from "./partition-run.ts";

export type ToPartition = { readonly type: "stop" };

export type FromPartition =
  | { readonly type: "written"; readonly users: number }
  | { readonly type: "done" }
  | { readonly type: "failed"; readonly message: string };

const send = (message: FromPartition): void => parentPort?.postMessage(message);
const stop = new AbortController();

parentPort?.on("message", ({ type }: ToPartition) => {
  if (type === "stop") stop.abort(new Error("the batch stopped"));
});

runPartition(workerData as PartitionTask, stop.signal, (users) => send({ type: "written", users })).then(
  () => send({ type: "done" }),
  (error: unknown) => send({ type: "failed", message: messageOf(error) }),
);
