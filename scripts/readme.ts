/**
 * Renders the tables of README.md and docs/*.md from committed runs. A block ends with `<!-- end -->`. The first line of a block
 * is `<!-- table from FILE -->` (cells), `<!-- timeline from FILE -->` (stages of a suite), `<!-- updates from FILE -->` (updates by chunk
 * size), `<!-- api from FILE -->` (a scenario by guard) or `<!-- instances from FILE -->` (a scenario by instances). FILE is relative to the repository. `npm run readme` writes the
 * blocks; test/harness/readme.test.ts fails when one is stale.
 */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { readScenario } from "../harness/scenario/records.ts";
import { instancesDigest, scenarioDigest } from "../harness/scenario/report/index.ts";
import { readRecords, type RunResults } from "../harness/results/records.ts";
import { markdownTable, markdownTimeline, markdownUpdates } from "../harness/reporters/markdown.ts";
import { headline } from "../harness/reporters/parts/notes.ts";

const ROOT = new URL("../", import.meta.url);
/** The columns that fit a page. The run's summary.md has all columns. */
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
const BLOCK = /(<!-- (table|timeline|updates|api|instances) from (\S+) -->\n)[\s\S]*?(<!-- end -->)/g;

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

function contentOf(kind: string | undefined, results: RunResults): string {
  if (kind === "table") return markdownTable(results, COLUMNS);
  return kind === "updates" ? markdownUpdates(results) : markdownTimeline(results);
}

interface RenderedPage {
  /** relative to the repository */
  readonly path: string;
  readonly found: string;
  readonly wanted: string;
}

/** @returns each page with a generated block: its current text, and the text that `npm run readme` would write */
export async function renderPages(): Promise<RenderedPage[]> {
  const docs = (await readdir(new URL("docs/", ROOT))).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`);
  const pages = await Promise.all(["README.md", ...docs].map(renderPage));
  return pages.filter(({ found }) => found.match(BLOCK) !== null);
}

async function renderPage(path: string): Promise<RenderedPage> {
  const page = new URL(path, ROOT);
  const found = await readFile(page, "utf8");
  let wanted = found;
  for (const [block, begin = "", kind, file = "", end = ""] of found.matchAll(BLOCK)) {
    const folder = fileURLToPath(new URL("./", new URL(file, ROOT)));
    if (kind === "api" || kind === "instances") {
      const results = await readScenario(folder);
      const digest = kind === "api" ? scenarioDigest(results) : instancesDigest(results);
      wanted = wanted.replace(block, () => `${begin}\n${digest}\n\n${end}`);
      continue;
    }
    const results = await readRecords(fileURLToPath(new URL(file, ROOT)));
    const content = contentOf(kind, results);
    const link = `${relative(fileURLToPath(new URL("./", page)), folder)}/`;
    wanted = wanted.replace(block, () => `${begin}\n${content}\n\n${caption(results, link)}\n\n${end}`);
  }
  return { path, found, wanted };
}

if (import.meta.main) {
  for (const { path, found, wanted } of await renderPages()) if (found !== wanted) await writeFile(new URL(path, ROOT), wanted);
}
