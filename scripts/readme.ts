/**
 * Fills the README's tables from committed runs: whatever stands between `<!-- table from FILE -->` (the cells) or
 * `<!-- timeline from FILE -->` (a suite's story) or `<!-- api from FILE -->` (a scenario) and `<!-- end -->` is rendered from that records file. `npm run readme`
 * writes it; the test suite checks that it is up to date.
 */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { readScenario } from "../harness/scenario/records.ts";
import { scenarioDigest } from "../harness/scenario/report/index.ts";
import { readRecords, type RunResults } from "../harness/results/records.ts";
import { markdownTable, markdownTimeline } from "../harness/reporters/markdown.ts";
import { headline } from "../harness/reporters/parts/notes.ts";

const ROOT = new URL("../", import.meta.url);
const README = new URL("README.md", ROOT);
/** What fits a page; the run's own summary.md has all columns. */
const COLUMNS = [
  "technique",
  "ORM",
  "time (median)",
  "range",
  "statements",
  "peak memory",
  "to set-based",
  "to best raw driver",
  "to own driver",
];
const BLOCK = /(<!-- (table|timeline|api) from (\S+) -->\n)[\s\S]*?(<!-- end -->)/g;

const distinct = (values: readonly (string | number | null)[]): string =>
  [...new Set(values.filter((value) => value !== null))].join(", ");

function caption(results: RunResults, folder: string): string {
  const { rounds, cells } = results.run;
  const parts = [
    headline(results),
    rounds === 1 ? "1 round" : `${rounds} rounds`,
    `${distinct(cells.map(({ key }) => key))} keys, ${distinct(cells.map(({ chunkUsers }) => chunkUsers))} users per chunk`,
    "every sample verified",
    `[all numbers and versions](${folder}summary.md)`,
  ];
  return `<sub>${parts.join(" · ")}</sub>`;
}

/** @returns the README as it should be */
export async function renderReadme(): Promise<{ found: string; wanted: string }> {
  const found = await readFile(README, "utf8");
  let wanted = found;
  for (const [block, begin = "", kind, file = "", end = ""] of found.matchAll(BLOCK)) {
    if (kind === "api") {
      const results = await readScenario(fileURLToPath(new URL("./", new URL(file, ROOT))));
      wanted = wanted.replace(block, () => `${begin}\n${scenarioDigest(results)}\n\n${end}`);
      continue;
    }
    const results = await readRecords(fileURLToPath(new URL(file, ROOT)));
    const content = kind === "table" ? markdownTable(results, COLUMNS) : markdownTimeline(results);
    const rendered = `${begin}\n${content}\n\n${caption(results, file.replace(/records\.jsonl$/, ""))}\n\n${end}`;
    wanted = wanted.replace(block, () => rendered);
  }
  return { found, wanted };
}

if (import.meta.main) {
  const { found, wanted } = await renderReadme();
  if (found !== wanted) await writeFile(README, wanted);
}
