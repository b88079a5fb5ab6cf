/** `bench` on a terminal of its own, by the `script` of util-linux. */
import { spawn } from "node:child_process";
import { run } from "../../harness/database/processes.ts";
import { BIN } from "./bench.ts";

export const hasTerminals: boolean = (await run("script", ["--version"])).stdout.includes("util-linux");

/** @param answers what is typed when the text on the terminal ends in what asks for it, each once */
export async function benchOnTerminal(
  args: readonly string[],
  answers: readonly (readonly [asked: RegExp, typed: string])[],
): Promise<{ code: number | null; shown: string }> {
  const command = [process.execPath, BIN, ...args].map((word) => `'${word}'`).join(" ");
  const child = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
    env: { ...process.env, BENCH_DATABASE_PASSWORD: "", TERM: "dumb" },
  });
  let shown = "";
  const waiting = [...answers];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
    const index = waiting.findIndex(([asked]) => asked.test(shown));
    if (index < 0) return;
    const [answer] = waiting.splice(index, 1);
    child.stdin.write(answer?.[1] ?? "");
  });
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.on("close", resolve);
  return { code: await promise, shown };
}
