import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { renderPages, renderText } from "../../scripts/readme/pages.ts";
import { ROOT, RUN_NAMES, runFolder } from "../../scripts/readme/runs.ts";
import { textFiles } from "../../scripts/text/lint.ts";

const pages = await renderPages();
const readme = pages.find(({ path }) => path === "README.md")?.found ?? "";

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

  it("have a legend in README that explains each column and precedes the table", () => {
    const start = readme.indexOf("<!-- table from");
    const [head = ""] = /^\| technique .*$/m.exec(readme.slice(start)) ?? [];
    const columns = head.split("|").map((column) => column.trim());
    expect(columns).toContain("time (median)");
    const legend = readme.slice(0, start);
    for (const column of columns.filter((name) => name !== "")) expect(legend).toContain(`- **${column}**: `);
  });

  it("show a dash only in rows of estimates", () => {
    const [, table = ""] = /<!-- table from \S+ -->([\s\S]*?)<!-- end -->/.exec(readme) ?? [];
    const rows = table.split("\n").filter((line) => /^\| [a-z]/.test(line) && !line.startsWith("| technique "));
    expect(rows).toHaveLength(13);
    const [estimates, timed] = [rows.filter((row) => row.includes("~")), rows.filter((row) => !row.includes("~"))];
    expect(estimates).toHaveLength(4);
    for (const row of estimates) expect(row).toMatch(/\| - \| - \| - \|$/);
    for (const row of timed) expect(row).not.toContain(" - |");
  });
});

it("pages link to no other run than a published one, so that a new measurement leaves no link to the old one", async () => {
  const known = RUN_NAMES.flatMap((name) => runFolder(name) ?? []);
  const files = textFiles().filter((path) => path.endsWith(".md") && path !== "CHANGELOG.md");
  for (const path of files) {
    const text = await readFile(new URL(path, ROOT), "utf8");
    for (const [, folder = ""] of text.matchAll(/\]\((?:\.\.\/)*(results\/\d[^)]*\/)[^)/]*\)/g))
      expect(known, path).toContain(folder);
  }
});

it("README has at most 1,200 words outside generated tables and code", () => {
  const prose = readme.replaceAll(/<!-- [a-z-]+ from [\s\S]*?<!-- end -->/g, "").replaceAll(/^```[\s\S]*?^```/gm, "");
  const words = prose.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
  expect(words).toBeGreaterThan(500);
  expect(words).toBeLessThanOrEqual(1_200);
});
