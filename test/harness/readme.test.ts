import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { renderPages, renderText } from "../../scripts/readme/pages.ts";
import { ROOT, RUN_NAMES, runFolder } from "../../scripts/readme/runs.ts";
import { textFiles } from "../../scripts/text/lint.ts";

const pages = await renderPages();
const textOf = (name: string): string => pages.find(({ path }) => path === name)?.found ?? "";
const readme = textOf("README.md");

/** The rows of a generated table without its head. */
function rowsOf(path: string, block: string): string[] {
  const [, table = ""] = new RegExp(`<!-- ${block} -->([\\s\\S]*?)<!-- end -->`).exec(textOf(path)) ?? [];
  return table.split("\n").filter((line) => line.startsWith("| ") && !/^\| (?:technique|---) /.test(line));
}

describe("the generated blocks", () => {
  it("match the published runs (`npm run readme` updates the blocks)", () => {
    expect(pages.map(({ path }) => path)).toEqual(expect.arrayContaining(["README.md", "results/README.md", "docs/origin.md"]));
    for (const { path, found, wanted } of pages) expect(found, path).toBe(wanted);
  });

  it("are stale when a number in one of them differs", async () => {
    const [number = ""] = /(?<=\| set-based \| mysql2 \| )[\d.]+ s/.exec(readme) ?? [];
    const changed = readme.replace(number, "1.00 s");
    expect(changed).not.toBe(readme);
    expect(await renderText("README.md", changed)).toBe(readme);
  });

  it("cannot be rendered for an unknown kind or run, and name the known ones", async () => {
    const block = (line: string): Promise<string> => renderText("README.md", `<!-- ${line} -->\n<!-- end -->\n`);
    await expect(block("tabel from quick")).rejects.toThrow(/no kind of block is named "tabel"\. Use one of .*table/);
    await expect(block("table from quik")).rejects.toThrow(/no published run is named "quik"\. Use one of quick, /);
    const unpublished = RUN_NAMES.find((name) => runFolder(name) === null);
    if (unpublished !== undefined)
      await expect(block(`table from ${unpublished}`)).rejects.toThrow(`the run ${unpublished}: it is not published`);
  });

  const legends = [
    { path: "README.md", block: "extremes from quick" },
    { path: "docs/findings.md", block: "table from quick" },
    { path: "docs/api.md", block: "api from api-long" },
    { path: "docs/cluster.md", block: "instances from api-instances" },
  ];
  it.each(legends)("have a legend in $path that explains each column and precedes the table", ({ path, block }) => {
    const text = textOf(path);
    const start = text.indexOf(`<!-- ${block} -->`);
    expect(start).toBeGreaterThan(0);
    const [head = ""] = /^\| .*$/m.exec(text.slice(start)) ?? [];
    const columns = head.split("|").flatMap((column) => column.trim() || []);
    expect(columns.length).toBeGreaterThanOrEqual(4);
    for (const column of columns) expect(text.slice(0, start)).toContain(`- **${column}**: `);
  });

  it("show no estimate and no dash in README", () => {
    const rows = rowsOf("README.md", "extremes from quick");
    expect(rows.length).toBeGreaterThanOrEqual(3);
    expect(rows.length).toBeLessThanOrEqual(6);
    expect(rows.filter((row) => row.includes("~") || row.includes(" - |"))).toEqual([]);
  });

  it("show a dash in the table of all cells only in rows of estimates", () => {
    const rows = rowsOf("docs/findings.md", "table from quick");
    expect(rows).toHaveLength(13);
    const [estimates, timed] = [rows.filter((row) => row.includes("~")), rows.filter((row) => !row.includes("~"))];
    expect(estimates).toHaveLength(4);
    for (const row of estimates) expect(row).toMatch(/\| - \| - \| - \|$/);
    for (const row of timed) expect(row).not.toContain(" - |");
  });
});

it("pages link to no other run than a published one, so that a new measurement leaves no link to the old one", async () => {
  const known = RUN_NAMES.flatMap((name) => runFolder(name) ?? []);
  const files = (await textFiles()).filter((path) => path.endsWith(".md") && path !== "CHANGELOG.md");
  for (const path of files) {
    const text = await readFile(new URL(path, ROOT), "utf8");
    for (const [, folder = ""] of text.matchAll(/\]\((?:\.\.\/)*(results\/\d[^)]*\/)[^)/]*\)/g))
      expect(known, path).toContain(folder);
  }
});
