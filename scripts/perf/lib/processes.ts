/** Runs work in a separate process: a fresh heap, cold code, and no garbage of other work. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Reply } from "./reply.ts";

/**
 * Starts a file that answers by `reply`, and returns the answer. The task goes by message: it contains a password, and every
 * user of the machine can read the arguments of a process.
 * @throws when the process fails or ends without an answer, and the signal's reason when the signal ends the process
 */
export async function askProcess<Answer>(file: URL, task: object, signal: AbortSignal): Promise<Answer> {
  signal.throwIfAborted();
  const child = fork(fileURLToPath(file), [], {
    serialization: "advanced",
    execArgv: ["--expose-gc", "--disable-warning=ExperimentalWarning"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    // The options of a debugger or profiler in the parent must not reach the measured process.
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  const kill = (): void => void child.kill("SIGKILL");
  signal.addEventListener("abort", kill, { once: true });
  const ended = once(child, "exit");
  try {
    let reply: Reply<Answer> | undefined;
    child.on("message", (message) => void (reply = message as Reply<Answer>));
    child.on("error", () => {});
    child.send(task);
    const [code, killedBy] = (await ended) as [number | null, string | null];
    signal.throwIfAborted();
    if (reply === undefined) throw new Error(`${file.href} ended without an answer (${killedBy ?? `exit code ${code}`})`);
    if ("error" in reply) throw new Error(`${fileURLToPath(file)} failed: ${reply.error}`);
    return reply.answer;
  } finally {
    signal.removeEventListener("abort", kill);
    kill();
  }
}
