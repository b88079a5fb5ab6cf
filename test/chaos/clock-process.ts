/** Answers with the wall clock of the process, and of a thread. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";

const thread = new Worker(
  'require("node:worker_threads").parentPort.on("message", () => require("node:worker_threads").parentPort.postMessage(Date.now()))',
  {
    eval: true,
  },
);

async function answer(): Promise<void> {
  thread.postMessage("now");
  const [threadMs] = (await once(thread, "message")) as [number];
  const [made, date] = [new Date(), new Date(2026, 0, 1)];
  process.send?.({
    type: "clock",
    nowMs: Date.now(),
    madeMs: made.getTime(),
    isDate: made instanceof Date,
    threadMs,
    year: date.getFullYear(),
  });
}

process.on("message", () => void answer());
