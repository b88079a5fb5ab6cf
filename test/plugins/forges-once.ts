import { existsSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strategy as honest } from "../../strategies/chunked.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** The first sample leaves this file, and the next one removes it. */
const FILE = join(tmpdir(), `forged-${process.ppid}`);

function isFirstSample(): boolean {
  const isFirst = !existsSync(FILE);
  if (isFirst) writeFileSync(FILE, "");
  else rmSync(FILE);
  return isFirst;
}

let forges: boolean | undefined;

/** Stands for a machine that delays one message: the first sample reports another time than `bench` sees. */
export const strategy: Strategy = {
  ...honest,
  id: "forges-once",
  async run(context) {
    // once for the warm-up and the measured work of this process
    forges ??= isFirstSample();
    const code = forges ? (await import("./forges-the-message.ts")).strategy : honest;
    await code.run(context);
  },
};
