/**
 * Loads a user's file once in a thread, before this process does. A file that computes forever while it loads would otherwise
 * hang `bench`, because nothing can interrupt an import.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { crowding } from "./crowding.ts";
import { stripTypes } from "./node-process.ts";

/** A library takes up to 5 s to load on a busy machine. */
const LOAD_LIMIT_MS = 20_000;

const CODE = `
  const { parentPort, workerData } = require("node:worker_threads");
  import(workerData).then(() => parentPort.postMessage("loaded"), () => parentPort.postMessage("failed"));
`;

/** @returns false if the file is still loading after the limit; true also for a file that fails, whose error the caller gets */
export async function loadsInTime(url: string, limitMs: number = LOAD_LIMIT_MS * crowding()): Promise<boolean> {
  const execArgv = ["--disable-warning=ExperimentalWarning", ...stripTypes()];
  const worker = new Worker(CODE, { eval: true, workerData: url, stdout: true, stderr: true, execArgv });
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), limitMs);
  const ended = Promise.race([once(worker, "message", { signal: limit.signal }), once(worker, "exit", { signal: limit.signal })]);
  try {
    await ended;
    return true;
  } catch {
    return !limit.signal.aborted;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
