/** Markdown against the repository: links, paths, decision records and columns of CSV files. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { RECORDS_FILE, readRecords } from "../../harness/results/records.ts";
import { reporter as csv } from "../../harness/reporters/csv.ts";
import { runPath } from "../../scripts/readme/runs.ts";
import { textFiles } from "../../scripts/text/lint.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string): Promise<string> => readFile(join(ROOT, path), "utf8");

/** As GitHub makes them: lower case, no punctuation, hyphens for blanks. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
const anchorsOf = (markdown: string): string[] =>
  [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchorOf(heading));
const withoutCode = (markdown: string): string => markdown.replaceAll(/^```[\s\S]*?^```/gm, "");

const pages = await Promise.all(
  (await textFiles()).filter((path) => path.endsWith(".md")).map(async (path) => ({ path, text: await read(path) })),
);

describe("every page", () => {
  it.each(pages)("$path links only to files and headings that exist", async ({ path, text }) => {
    for (const [, target = ""] of withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [file = "", anchor] = target.split("#");
      const linked = file === "" ? path : normalize(join(dirname(path), file));
      expect(existsSync(join(ROOT, linked)), `${path}: ${target}`).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(await read(linked)), `${path}: ${target}`).toContain(anchor);
    }
  });

  it.each(pages.filter(({ path }) => path !== "CHANGELOG.md"))("$path names only paths that exist", async ({ path, text }) => {
    const folders = (await readdir(ROOT, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    const roots = folders.map(({ name }) => name).filter((name) => name !== "node_modules" && name !== "results");
    for (const [, span = ""] of withoutCode(text).matchAll(/`([^`\n]+)`/g)) {
      const [root = ""] = span.split("/");
      if (!roots.includes(root) || !/^[\w./-]+$/.test(span) || span.includes("my-orm")) continue;
      expect(existsSync(join(ROOT, span)), `${path}: ${span}`).toBe(true);
    }
  });
});

describe("the decision records", () => {
  const records = pages.filter(({ path }) => /^docs\/adr\/\d{4}-/.test(path));
  const index = pages.find(({ path }) => path === "docs/adr/README.md")?.text ?? "";
  const SECTIONS = ["Context", "Decision", "Consequences", "Rejected alternatives"];

  it("are listed in the index, each with its title, status and date", () => {
    const rows = [...index.matchAll(/^\| \[(.+)\]\((.+)\) \| (.+) \| (.+) \|$/gm)].map((row) => row.slice(1));
    const wanted = records.map(({ path, text }) => {
      const [, title] = /^# (.*)$/m.exec(text) ?? [];
      const [, status] = /^- Status: (.*)$/m.exec(text) ?? [];
      const [, date] = /^- Date: (.*)$/m.exec(text) ?? [];
      return [title, path.replace("docs/adr/", ""), status, date];
    });
    expect(records.length).toBeGreaterThanOrEqual(11);
    expect(rows).toEqual(wanted);
  });

  it.each(records)("$path has a status, a date and the four sections", ({ text }) => {
    expect(text).toMatch(/^- Status: (accepted|superseded by \[.+\]\(.+\))$/m);
    expect(text).toMatch(/^- Date: \d{4}-\d\d-\d\d$/m);
    expect([...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual(SECTIONS);
  });
});

describe("README.md", () => {
  // a reader decides in a minute, and a table takes as long to read as a text
  it("has at most 1,200 words, with its tables", async () => {
    const words = (await read("README.md")).split(/\s+/).filter((word) => word !== "");
    expect(words.length).toBeGreaterThan(500);
    expect(words.length).toBeLessThanOrEqual(1_200);
  });
});

describe("docs/README.md", () => {
  it("links to every page of docs/", async () => {
    const index = await read("docs/README.md");
    const names = (await readdir(join(ROOT, "docs"))).filter((name) => name.endsWith(".md") && name !== "README.md");
    expect(names.length).toBeGreaterThan(20);
    for (const name of names) expect(index).toContain(`](${name})`);
  });
});

describe("docs/architecture.md", () => {
  it("lists each folder of the repository and of harness/, and no other", async () => {
    const [, tree = ""] = /^```text\n([\s\S]*?)^```/m.exec(await read("docs/architecture.md")) ?? [];
    const listed = (indent: string): string[] =>
      [...tree.matchAll(new RegExp(`^${indent}([\\w-]+)/ `, "gm"))].map(([, name = ""]) => name);
    const files = await textFiles();
    const foldersIn = (prefix: string): string[] => {
      const parts = files.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length).split("/"));
      return [...new Set(parts.filter(({ length }) => length > 1).map(([name = ""]) => name))].filter(
        (name) => !name.startsWith("."),
      );
    };
    expect(listed("  ").toSorted()).toEqual(foldersIn("harness/").toSorted());
    expect([...listed(""), "docs", "results"].toSorted()).toEqual(foldersIn("").toSorted());
  });
});

describe("results/README.md", () => {
  it("names every column of the CSV files", async () => {
    const results = await readRecords(join(runPath("quick"), RECORDS_FILE));
    const files = await csv.files(results);
    const documented = await read("results/README.md");
    const columns = files.flatMap(({ content }) => content.slice(0, content.indexOf("\n")).split(","));
    expect(columns.length).toBeGreaterThan(100);
    for (const column of columns) expect(documented).toContain(`\`${column}\``);
  });
});
