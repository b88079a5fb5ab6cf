/** Answers with the wall clock of the thread. */
import { parentPort } from "node:worker_threads";

parentPort?.on("message", () => parentPort?.postMessage(Date.now()));
