/** `bench` on a separate terminal, through `script` of util-linux. */
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { run } from "../../lib/run-program.ts";
import { BIN } from "./bench.ts";

export const hasTerminals: boolean = (await run("script", ["--version"])).stdout.includes("util-linux");

/** @param answers a prompt and the input for it, or an action on the process; each once, when the terminal's text ends with the prompt */
export async function benchOnTerminal(
  args: readonly string[],
  answers: readonly (readonly [requested: RegExp, typed: string | ((pid: number) => void)])[],
): Promise<{ code: number | null; shown: string }> {
  // exec replaces the shell, so that bench is the only child of `script`
  const command = ["exec", process.execPath, BIN, ...args].map((word, index) => (index === 0 ? word : `'${word}'`)).join(" ");
  const child = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
    env: { ...process.env, BENCH_DATABASE_PASSWORD: "", TERM: "dumb" },
  });
  let shown = "";
  const waiting = [...answers];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
    const index = waiting.findIndex(([requested]) => requested.test(shown));
    if (index < 0) return;
    const [[, answer] = []] = waiting.splice(index, 1);
    if (typeof answer === "function")
      void readFile(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").then((pids) => answer(Number.parseInt(pids, 10)));
    else child.stdin.write(answer ?? "");
  });
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.on("close", resolve);
  return { code: await promise, shown };
}
