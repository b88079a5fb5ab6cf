/** Markdown against the repository: links, paths, decision records and columns of CSV files. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { chaosCsv } from "../../harness/chaos/report/tables.ts";
import { METRICS } from "../../harness/history/metrics.ts";
import { historyCsv } from "../../harness/history/view.ts";
import { RECORDS_FILE, readRecords } from "../../harness/results/records.ts";
import { reporter as csv } from "../../harness/reporters/csv.ts";
import { scenarioCsv } from "../../harness/scenario/report/csv.ts";
import { publishedChaos } from "../../scripts/readme/records/chaos.ts";
import { publishedScenario } from "../../scripts/readme/records/scenario.ts";
import { runPath, type RunName } from "../../scripts/readme/runs.ts";
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
  const runFiles = async (name: RunName) => await csv.files(await readRecords(join(runPath(name), RECORDS_FILE)));

  it("names every column of the CSV files, in the section of the file", async () => {
    const files = [
      ...(await Promise.all((["orms", "rtt", "keys", "updates"] as const).map(runFiles))).flat(),
      { name: "api.csv", content: scenarioCsv(await publishedScenario("api-small")) },
      { name: "chaos.csv", content: chaosCsv(await publishedChaos("chaos")) },
      { name: "history.csv", content: historyCsv({ metric: METRICS.wall, histories: [], notes: [] }) },
    ];
    const documented = await read("results/README.md");
    expect(new Set(files.map(({ name }) => name)).size).toBe(8);
    const sections = documented.split("\n## ");
    const sectionOf = (name: string): string => sections.find((each) => each.startsWith(`Columns of \`${name}\`\n`)) ?? "";
    for (const { name, content } of files) {
      // the summary refers to the columns of the samples
      const section = sectionOf(name) + (name === "summary.csv" ? sectionOf("samples.csv") : "");
      const columns = content.slice(0, content.indexOf("\n")).split(",");
      const missing = columns.filter((column) => !section.includes(`\`${column}\``));
      expect({ name, columns: columns.length > 1, missing }).toEqual({ name, columns: true, missing: [] });
    }
  });
});
