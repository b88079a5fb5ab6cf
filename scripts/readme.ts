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
/** What fits a page; the run's own summary.md has all columns. */
const COLUMNS = ["technique", "ORM", "time (median)", "range", "statements", "peak memory", "to set-based", "to best raw driver"];
const BLOCK = /(<!-- table from (\S+) -->\n)[\s\S]*?(<!-- end -->)/g;

/** @returns the README as it should be */
export async function renderReadme(): Promise<{ found: string; wanted: string }> {
  const found = await readFile(README, "utf8");
  let wanted = found;
  for (const [block, begin = "", file = "", end = ""] of found.matchAll(BLOCK)) {
    const results = await readRecords(fileURLToPath(new URL(file, ROOT)));
    const { rounds } = results.run;
    const folder = file.replace(/records\.jsonl$/, "");
    const chunks = [...new Set(results.run.cells.flatMap(({ chunkUsers }) => (chunkUsers === null ? [] : [chunkUsers])))].join(
      ", ",
    );
    const keys = [...new Set(results.run.cells.map(({ key }) => key))].join(", ");
    const caption = `<sub>${headline(results)} · ${rounds} rounds · ${keys} keys, ${chunks} users per chunk · every sample verified · [all numbers and versions](${folder}summary.md)</sub>`;
    wanted = wanted.replace(block, `${begin}\n${markdownTable(results, COLUMNS)}\n\n${caption}\n\n${end}`);
  }
  return { found, wanted };
}

if (import.meta.main) {
  const { found, wanted } = await renderReadme();
  if (found !== wanted) await writeFile(README, wanted);
}
