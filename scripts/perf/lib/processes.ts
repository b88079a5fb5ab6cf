/** Runs work in a separate process: a fresh heap, cold code, and no garbage of other work. */
import { fileURLToPath } from "node:url";
import { NodeProcess } from "../../../lib/node-process.ts";
import type { Reply } from "./reply.ts";

/**
 * Starts a file that answers by `reply`, and returns the answer. The task goes by message: it contains a password, and every
 * user of the machine can read the arguments of a process.
 * @throws when the process fails or ends without an answer, and the signal's reason when the signal ends the process
 */
export async function runProcess<Answer>(file: URL, task: object, signal: AbortSignal): Promise<Answer> {
  signal.throwIfAborted();
  const path = fileURLToPath(file);
  await using child = new NodeProcess<object, Reply<Answer>>(file, {
    nodeOptions: ["--expose-gc"],
    failures: {
      failed: (message) => new Error(`${path} failed: ${message}`),
      ended: (how) => (signal.aborted ? (signal.reason as Error) : new Error(`${path} ended without an answer (${how})`)),
    },
  });
  const kill = (): void => void child.stop();
  signal.addEventListener("abort", kill, { once: true });
  try {
    return (await child.request(task, "answer")).answer;
  } finally {
    signal.removeEventListener("abort", kill);
  }
}
