/** `bench` inside the process of the test: 0.1 s instead of a process start of 0.5 s to 2 s. */
import { vi } from "vitest";
import { execute } from "../../harness/commands/execute.ts";
import type { Finished } from "./bench.ts";

/**
 * Only for verbs without a signal, a terminal, or a plug-in that ends or blocks the process.
 * test/cli/run.test.ts and test/failures/ start real processes.
 * @param env added to the environment of the process while the verb runs
 */
export async function benchInProcess(args: readonly string[], env: Readonly<NodeJS.ProcessEnv> = {}): Promise<Finished> {
  const written = { stdout: "", stderr: "" };
  const collect = (stream: keyof typeof written) => (chunk: string | Uint8Array) => {
    written[stream] += String(chunk);
    return true;
  };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const spies = (["stdout", "stderr"] as const).map((stream) =>
    vi.spyOn(process[stream], "write").mockImplementation(collect(stream)),
  );
  try {
    return { code: await execute(args), ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
    vi.unstubAllEnvs();
  }
}
