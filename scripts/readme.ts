/**
 * Renders the generated blocks of README.md, docs/*.md and results/README.md from the published runs: `npm run readme`. With `--check`
 * it writes nothing, names the stale pages, and its exit code is 1 if there is one. `readme/block.ts` explains the blocks.
 */
import { writeFile } from "node:fs/promises";
import { messageOf } from "../lib/errors.ts";
import { renderPages } from "./readme/pages.ts";
import { ROOT } from "./readme/runs.ts";

try {
  const stale = (await renderPages()).filter(({ found, wanted }) => found !== wanted);
  if (process.argv.includes("--check")) {
    for (const { path } of stale)
      process.stderr.write(`${path} is stale: a run, a claim or a finding has changed. Run "npm run readme".\n`);
    if (stale.length > 0) process.exitCode = 1;
  } else {
    for (const { path, wanted } of stale) await writeFile(new URL(path, ROOT), wanted);
  }
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
