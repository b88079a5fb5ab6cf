/** Answers with the wall clock of the process, and of a thread. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";

// from a file, as the members have theirs: Node loads no module before code that it evaluates
const thread = new Worker(new URL("./clock-thread.ts", import.meta.url));

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
