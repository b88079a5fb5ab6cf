/**
 * Fills the README's tables from committed runs: whatever stands between `<!-- table from FILE -->` and `<!-- end -->` is
 * rendered from that records file. `npm run readme` writes it; the test suite checks that it is up to date.
 */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { readRecords } from "../harness/records.ts";
import { markdownTable } from "../harness/reporters/markdown.ts";
import { headline } from "../harness/reporters/notes.ts";

const ROOT = new URL("../", import.meta.url);
const README = new URL("README.md", ROOT);
const BLOCK = /(<!-- table from (\S+) -->\n)[\s\S]*?(<!-- end -->)/g;

/** @returns the README as it should be */
export async function renderReadme(): Promise<{ found: string; wanted: string }> {
  const found = await readFile(README, "utf8");
  let wanted = found;
  for (const [block, begin = "", file = "", end = ""] of found.matchAll(BLOCK)) {
    const results = await readRecords(fileURLToPath(new URL(file, ROOT)));
    const caption = `<sub>${headline(results)} · every sample verified · [all numbers](${file.replace(/records\.jsonl$/, "")})</sub>`;
    wanted = wanted.replace(block, `${begin}\n${markdownTable(results)}\n\n${caption}\n\n${end}`);
  }
  return { found, wanted };
}

if (import.meta.main) {
  const { found, wanted } = await renderReadme();
  if (found !== wanted) await writeFile(README, wanted);
}
