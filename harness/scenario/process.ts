/** Starts, queries and stops the processes of a scenario. */
import type { ChildProcess, ForkOptions } from "node:child_process";

/** Node strips no types under node_modules, where an installed bench lies. */
const STRIP_TYPES = import.meta.url.includes("/node_modules/")
  ? ["--import", new URL("../../bin/strip-types.mjs", import.meta.url).href]
  : [];
const END_DEADLINE_MS = 20_000;

export const forkOptions = (): ForkOptions => ({
  serialization: "advanced",
  execArgv: ["--disable-warning=ExperimentalWarning", ...STRIP_TYPES],
  stdio: ["ignore", "ignore", "inherit", "ipc"],
  env: { ...process.env, NODE_OPTIONS: "" },
});

interface Spoken {
  readonly type: string;
}

/**
 * Resolves with the next message of a type.
 * @param failure makes the error from a cause: `failed: ...`, `ended unexpectedly (SIGKILL)`
 */
export async function ask<Message extends Spoken, Type extends Message["type"]>(
  child: ChildProcess,
  type: Type,
  failure: (what: string) => Error,
): Promise<Extract<Message, { type: Type }>> {
  const { promise, resolve, reject } = Promise.withResolvers<Extract<Message, { type: Type }>>();
  const onMessage = (message: Message): void => {
    if (message.type === type) resolve(message as Extract<Message, { type: Type }>);
    else if (message.type === "failed") reject(failure(`failed: ${(message as unknown as { message: string }).message}`));
  };
  const onExit = (code: number | null, signal: string | null): void =>
    reject(failure(`ended unexpectedly (${signal ?? `exit code ${code}`})`));
  child.on("message", onMessage);
  child.once("exit", onExit);
  if (child.exitCode !== null || child.signalCode !== null) onExit(child.exitCode, child.signalCode);
  try {
    return await promise;
  } finally {
    child.off("message", onMessage);
    child.off("exit", onExit);
  }
}

/** @param how `politely`: the caller requested the end, and the process has 20 s; `now`: SIGKILL at once */
export async function stop(child: ChildProcess, how: "politely" | "now" = "now"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const { promise: exited, resolve } = Promise.withResolvers<void>();
  child.once("exit", () => resolve());
  const kill = setTimeout(() => child.kill("SIGKILL"), how === "now" ? 0 : END_DEADLINE_MS);
  await exited;
  clearTimeout(kill);
}
