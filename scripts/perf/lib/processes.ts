/** Work in a process of its own: a fresh heap, cold code, and nobody else's garbage. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Reply } from "./reply.ts";

/**
 * Starts a file that answers by `reply`, and gives its answer. What the process needs goes by message, because arguments
 * are everybody's to read and there is a password in it.
 * @throws when it fails or ends without an answer, and the signal's reason when that ends it
 */
export async function askProcess<Answer>(file: URL, task: object, signal: AbortSignal): Promise<Answer> {
  signal.throwIfAborted();
  const child = fork(fileURLToPath(file), [], {
    serialization: "advanced",
    execArgv: ["--expose-gc", "--disable-warning=ExperimentalWarning"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    // a debugger's or profiler's options in the parent are not meant for what is measured
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
