/** The page and the article of a report: what they show, and that text of the records stays text. */
import { describe, expect, it } from "vitest";
import { fitRtt } from "../../harness/rtt/fit.ts";
import { documentFiles } from "../../harness/reporters/page/documents.ts";
import { contrast, PAGE, readable } from "../../harness/reporters/page/html/theme.ts";
import { reportOf } from "../../harness/reporters/page/report.ts";
import { runPart } from "../../harness/reporters/page/run-part.ts";
import { SHADES, widthOf } from "../../harness/reporters/page/figures/frame.ts";
import { gridChart } from "../../harness/reporters/page/figures/grid.ts";
import { PHONE, WIDE } from "../../harness/reporters/page/html/chart.ts";
import { cells } from "../../harness/reporters/page/sections/cells.ts";
import { runSubject } from "../../harness/reporters/page/subject.ts";
import { WORDS } from "../../harness/reporters/page/words/index.ts";
import type { Language } from "../../harness/reporters/page/words/languages.ts";
import { togetherOf } from "../../harness/reporters/page/together.ts";
import { listPlugIns } from "../../harness/registry.ts";
import { suite } from "../../harness/suites/origin.ts";
import type { RunResults } from "../../harness/results/records.ts";
import { isFull } from "../support/full.ts";
import { hostileRun, HOSTILE, runOf, stopped } from "./report-runs.ts";
import { mixed } from "./mixed-run.ts";

async function rendered(
  format: "html" | "md",
  runs: readonly RunResults[],
  language: Language = "en",
): Promise<Map<string, string>> {
  const parts = runs.map((results, index) => runPart(results, `run-${index + 1}`));
  const report = await reportOf(parts, runs.length === 1 ? null : togetherOf(runs, runs.length), language);
  const files = await documentFiles([format], report, language);
  return new Map(files.map(({ name, content }) => [name, Buffer.from(content).toString("utf8")]));
}

async function pageOf(...runs: RunResults[]): Promise<string> {
  return (await rendered("html", runs)).get("report.html") ?? "";
}

/** A test that renders this page takes 1.6 s, and four tests read the page. */
const pageOfTechniques = (): Promise<string> => (techniquesPage ??= pageOf(techniques()));
let techniquesPage: Promise<string> | undefined;

const sectionsOf = (page: string): string[] => [...page.matchAll(/<section id="run-1-([\w-]+)"/g)].map(([, id = ""]) => id);
const textOf = (page: string): string =>
  page.replaceAll(/<(script|style|svg)[\s\S]*?<\/\1>|<[^>]+>/g, " ").replaceAll(/\s+/g, " ");

const techniques = (): RunResults =>
  runOf(
    ["set-based", "chunked", "naive"].flatMap((strategy) =>
      ["mysql2", "prisma"].map((orm) => ({ strategy, orm, ormClass: orm === "prisma" ? "full" : "raw" })),
    ),
    7,
    (index, round) => 1_000 * (index + 1) + 10 * round,
  );

describe("the page of a run", () => {
  it("begins with measured rounds, and with the fastest durable cell", async () => {
    const naive = { strategy: "naive", orm: "mysql2" };
    const whole = runOf([naive, { ...naive, durability: "relaxed" }], 2, (index) => (index === 0 ? 1_000 : 100));
    const limited: RunResults = { ...whole, run: { ...whole.run, rounds: 20 }, end: null };
    const text = textOf(await pageOf(limited));
    expect(text).toMatch(/naive through mysql2 is fastest with 1\.00 s/);
    expect(text).toMatch(/2 rounds: an impression, not a verdict/);
  });

  it("begins with the answer, and names the fastest cell and both spreads", async () => {
    const page = await pageOfTechniques();
    const [, answer = ""] = /<h1>([^<]*)<\/h1>/.exec(page) ?? [];
    expect(answer).toBe(
      "set-based through mysql2 is fastest with 1.04\u00a0s; the technique changes the time up to 4.85x, the library up to 1.96x.",
    );
    expect(page.indexOf("<h1>")).toBeLessThan(page.indexOf("<section"));
  });

  it("shows a dot for every sample, and no bar", async () => {
    const page = await pageOfTechniques();
    const [, wide = ""] = /<figure id="run-1-samples">[^]*?class="chart wide">([^]*?)<\/svg>/.exec(page) ?? [];
    const [, dots = ""] = /<g class="mark-symbol role-mark layer_3_marks"[^>]*>([^]*?)<\/g>/.exec(wide) ?? [];
    expect(dots.match(/<path /g)).toHaveLength(6 * 7);
    // the ticks of the medians
    expect([...wide.matchAll(/mark-rect role-mark (\w+)/g)].map(([, layer]) => layer)).toEqual(["layer_5_marks"]);
  });

  it("has a text alternative for each chart, and marks logarithmic axes and their units", async () => {
    const page = await pageOf(
      runOf(
        [
          { strategy: "naive", orm: "mysql2" },
          { strategy: "chunked", orm: "mysql2" },
        ],
        2,
        (index) => 100_000 / (1 + 99 * index),
      ),
    );
    const charts = [...page.matchAll(/<svg [^>]*aria-label="([^"]*)"/g)].map(([, label = ""]) => label);
    expect(charts.length).toBeGreaterThan(3);
    expect(charts.every((label) => label.length > 40)).toBe(true);
    expect(page.match(/<svg /g)).toHaveLength(charts.length);
    expect(page).toContain("seconds, logarithmic axis");
  });

  it("leaves out the sections for which the records have no data", async () => {
    expect(sectionsOf(await pageOf(runOf([{ strategy: "chunked", orm: "mysql2" }], 1, () => 1_000)))).toEqual([
      "times",
      "phases",
      "memory",
      "cells",
      "problems",
      "conditions",
      "limits",
    ]);
    expect(sectionsOf(await pageOfTechniques())).toContain("heat-map");
  });

  it("marks the best chunk size and the size that failed", async () => {
    const sizes = [50, 500, 5_000, 10_000].map((chunkUsers) => ({ strategy: "chunked", orm: "mysql2", chunkUsers }));
    const results = runOf(sizes, 2, (index) => [4_000, 2_000, 3_000, 1_000][index] ?? 0);
    const samples = results.samples.map((sample) =>
      sample.cell.chunkUsers === 10_000
        ? { ...sample, status: "failed" as const, reason: "packet too large", wallMs: null }
        : sample,
    );
    const page = textOf(await pageOf({ ...results, samples }));
    expect(page).toContain("chunked · mysql2: fastest with 500 users (2.00 s).");
    expect(page).toContain("chunked · 10,000 · mysql2: packet too large");
  });

  it("draws the line of a cell over the round-trip time", async () => {
    const times = [0, 1, 5];
    const results = runOf(
      times.map((addedRttMs) => ({ strategy: "chunked", orm: "mysql2", addedRttMs })),
      2,
      (index) => 1_000 + 100 * (times[index] ?? 0),
      { rtt: times.map((ms) => ({ requestedMs: ms, roundTripMs: ms, addedMs: ms })) },
    );
    const page = textOf(await pageOf(results));
    const fit = fitRtt(
      times.map((ms) => ({ roundTripMs: ms, wallMs: 1_000 + 100 * ms })),
      null,
    );
    expect(fit?.chain).toBeCloseTo(100);
    expect(page).toContain("chunked / mysql2 / identity: 1.00 s without distance, 1.50 s at 5 ms.");
  });

  it("puts the ratios of published claims beside measured stages", async () => {
    const stages = suite.timeline?.stages ?? [];
    const results = runOf(
      stages.map(() => ({ strategy: "naive", orm: "mikro-orm" })),
      1,
      (index) => 100_000 / (index + 1),
      {
        timeline: {
          title: "",
          claims: [],
          caution: "",
          ...suite.timeline,
          stages: stages.map(({ label }, index) => ({ label, cellId: `cell-${index}` })),
        },
      },
    );
    const page = await pageOf(results);
    expect(sectionsOf(page)[0]).toBe("timeline");
    expect(textOf(page)).toContain("SQL mapper, final: CASE WHEN: 5.00x here, 40.7x published.");
  });

  it("compares kinds of keys and numbers of workers", async () => {
    const keys = ["identity", "uuidv7"].map((key) => ({ strategy: "chunked", orm: "mysql2", key }));
    expect(sectionsOf(await pageOf(runOf(keys, 2, (index) => 1_000 * (index + 1))))).toContain("keys");
    const workers = [1, 6].map((count) => ({ strategy: "chunked", orm: "mysql2", workers: count }));
    const page = await pageOf(runOf(workers, 2, (index) => 6_000 / (index + 1)));
    expect(sectionsOf(page)).toContain("workers");
    expect(textOf(page)).toContain("chunked · mysql2 · 6 workers: 3.00 s, 0.50x.");
  });

  it("keeps failed, skipped and stopped cells visible, with their reasons", async () => {
    const page = textOf(await pageOf(mixed));
    expect(page).toContain("wrong result: users: one | two");
    expect(page).toContain("prisma offers no server-side");
    expect(page).toContain("stopped by the limit of 8 s with 2.0 % of the rows written");
    expect(page).toContain("1 of 6 cells failed");
  });

  it("sorts an estimate by the number that the table shows", async () => {
    const [table] = await cells.render(await runSubject(mixed), WORDS.en);
    if (table?.kind !== "table") throw new Error("no table");
    const column = (head: string): [string, number | null][] => {
      const index = table.columns.findIndex((one) => one.head === head);
      return table.rows.flatMap(({ cells: [name, ...others] }) => {
        const own = others[index - 1];
        if (typeof name !== "object" || typeof own !== "object") return [];
        return [[`${name.text}: ${own.text}`, own.value ?? null]];
      });
    };
    // 1,000 statements after 2 % of the rows
    expect(column(WORDS.en.column.statements)).toContainEqual(["naive: ~50,000", 50_000]);
    expect(column(WORDS.en.column.interval)).toContainEqual([expect.stringContaining("naive: 2.0 % done"), 400_000]);
    expect(column(WORDS.en.column.interval)).toContainEqual([expect.stringContaining("set-based: 8.00 s - 24.0 s"), 8_000]);
  });

  it("opens each cell to its code, configuration, statements and samples", async () => {
    const results = runOf(
      [{ strategy: "chunked", orm: "drizzle", code: "strategies/chunked.ts", settings: { prepared: "none" } }],
      3,
      () => 1_000,
    );
    const page = await pageOf(results);
    expect(page).toMatch(/<a href="#run-1-cell-1">/);
    const details = page.slice(page.indexOf('<details id="run-1-cell-1"'));
    for (const text of [
      "strategies/chunked.ts",
      "export const strategy",
      "orms/drizzle/session.ts",
      "connections of a pool",
      "Samples by round",
    ])
      expect(details).toContain(text);
  });

  it("reads no file that the records name outside of the techniques and libraries", async () => {
    const codes = ["../../etc/passwd", "/etc/passwd", "package.json", "strategies/../package.json"];
    const page = await pageOf(
      runOf(
        codes.map((code) => ({ strategy: "chunked", orm: "mysql2", code })),
        1,
        () => 1_000,
      ),
    );
    expect(page.match(/not part of this tree/g)).toHaveLength(codes.length);
    expect(page).not.toMatch(/root:|&quot;devDependencies&quot;/);
  });

  it("escapes every text of the records", async () => {
    const page = await pageOf(hostileRun());
    expect(page).not.toContain("<img");
    expect(page.match(/<\/script>/g)).toHaveLength(1);
    expect(
      page.split(
        HOSTILE.replaceAll("&", "&amp;")
          .replaceAll("<", "&lt;")
          .replaceAll(">", "&gt;")
          .replaceAll('"', "&quot;")
          .replaceAll("'", "&#39;"),
      ).length,
    ).toBeGreaterThan(10);
  });

  it("names no address of another host", async () => {
    const page = await pageOfTechniques();
    expect([...page.matchAll(/\b(?:src|href)="(?!#)[^"]*"/g)].map(([found]) => found)).toEqual([]);
    expect(page).not.toMatch(/@import|url\((?!#)/);
  });

  it("is Korean with --lang ko, where only names and recorded texts are English", async () => {
    const page = (await rendered("html", [stopped(techniques(), "cell-5")], "ko")).get("report.ko.html") ?? "";
    expect(page).toContain('<html lang="ko">');
    expect(textOf(page)).toContain("가장 빠른 셀은 mysql2의 set-based, 1.04 s");
    for (const english of ["Every sample", "Limitations", "samples verified", "Show all"]) expect(page).not.toContain(english);
  });
});

/** The first layer has the heads, and the last one the texts of the fields. */
interface Heads {
  readonly padding: { readonly left: number; readonly right: number; readonly top: number };
  readonly width: number;
  readonly layer: readonly {
    readonly mark: { readonly angle?: number; readonly fontSize?: number };
    readonly data: { readonly values: readonly { readonly label: string; readonly x: number; readonly fontSize?: number }[] };
  }[];
}

describe("the heat map", () => {
  const libraries = ["mysql2", "mariadb", "drizzle", "kysely", "knex", "prisma", "typeorm", "sequelize", "mikro-orm"];
  const drawn = (columns: readonly string[], width: number, label = "12.3 s"): Heads => {
    const rows = ["chunked", "case-when"];
    const fields = rows.flatMap((row) => columns.map((column) => ({ row, column, label, step: 1 })));
    return gridChart({ rows, columns, fields }, width) as unknown as Heads;
  };

  it.each([
    ["nine libraries on a phone", libraries, PHONE],
    ["nine libraries on a screen", libraries, WIDE],
    ["three libraries on a phone", libraries.slice(0, 3), PHONE],
    ["versions on a screen", libraries.map((name) => `${name}@10.11.12`), WIDE],
  ])("tilts the names that are wider than their field: %s", (_, columns, width) => {
    const { layer, width: inner, padding } = drawn(columns, width);
    const [heads] = layer;
    if (heads === undefined) throw new Error("no heads");
    const { angle = 0, fontSize } = heads.mark;
    const widths = columns.map((name) => widthOf(name, fontSize));
    expect(angle !== 0).toBe(inner / columns.length < Math.max(...widths));
    expect(inner + padding.left + padding.right).toBeCloseTo(width);
    // tilted names end inside of the figure
    if (angle === 0) return;
    for (const [index, { x }] of heads.data.values.entries())
      expect(x + (widths[index] ?? 0) * Math.SQRT1_2).toBeLessThanOrEqual(inner + padding.right);
    expect(Math.max(...widths) * Math.SQRT1_2).toBeLessThan(padding.top);
  });

  it.each(["~12.3 min", "skipped", "stopped by a limit"])("keeps the text of a field inside of it on a phone: %s", (label) => {
    const { layer, width: inner } = drawn(libraries, PHONE, label);
    const texts = layer.at(-1)?.data.values ?? [];
    expect(texts.map((text) => text.label.replaceAll("\n", " "))).toContain(label);
    for (const { label: lines, fontSize } of texts)
      for (const line of lines.split("\n")) expect(widthOf(line, fontSize)).toBeLessThan(inner / libraries.length);
  });
});

describe("several runs", () => {
  const one = (runId: string, parts: Partial<RunResults["run"]> = {}): RunResults =>
    runOf([{ strategy: "chunked", orm: "mysql2" }], 2, () => 1_000, { runId, ...parts });

  it("stand side by side where their conditions agree", async () => {
    const page = textOf(await pageOf(one("first"), one("second")));
    expect(page).toMatch(
      /chunked · mysql2.* is fastest with 1\.00.s.* in first, of 2 runs on the same machine, with the same settings and data/,
    );
    expect(page).toContain("cell first second cell-0 1.00 s 1.00 s");
  });

  it("name what differs, and have no common table", async () => {
    const { environment, ...run } = one("second").run;
    const other = one("second", {
      ...run,
      environment: { ...environment, machine: { ...environment.machine, cpu: "Other CPU" } },
    });
    const page = textOf(await pageOf(one("first"), other));
    expect(page).toContain("CPU Some CPU Other CPU");
    expect(page).toContain("2 runs under different conditions: compare only within each run");
    expect(page).not.toContain("Median time by run");
  });
});

describe("the article", () => {
  it("has the sections of the page, and each chart as SVG and PNG beside it", async () => {
    const files = await rendered("md", [techniques()]);
    const article = files.get("report.md") ?? "";
    expect(article).toContain("# orm-shootout: suite quick\n\n**set-based through mysql2 is fastest with 1.04 s");
    const addresses = [...article.matchAll(/!\[[^\]]{40,}\]\((figures\/[\w-]+)\.svg\)/g)].map(([, name = ""]) => name);
    expect(addresses).toContain("figures/run-1-samples");
    for (const name of addresses) {
      expect(files.get(`${name}.svg`)).toMatch(/^<svg [^]*fill="white"/);
      expect(files.get(`${name}.png`)?.slice(1, 4)).toBe("PNG");
    }
  });

  it("keeps text of the records as text", async () => {
    const article = (await rendered("md", [hostileRun()])).get("report.md") ?? "";
    expect(article).not.toContain("<img");
    expect(article).not.toContain("*bold*");
    expect(article).toContain(String.raw`\*bold\*`);
  });

  it.runIf(isFull)("has separate files for Korean", async () => {
    const files = await rendered("md", [techniques()], "ko");
    expect([...files.keys()]).toContain("figures/run-1-samples.ko.png");
    expect(files.get("report.ko.md")).toContain("## 모든 샘플");
  });
});

describe("the colours of marks", () => {
  it("have a contrast of 3 to 1 to a light and to a dark page", async () => {
    const libraries = (await listPlugIns("orm")).flatMap(({ value }) => value.colour ?? []);
    for (const page of [PAGE.light, PAGE.dark]) {
      for (const colour of libraries) expect(contrast(readable(colour, page), page)).toBeGreaterThanOrEqual(3);
      for (const shade of SHADES) expect(contrast(shade, page)).toBeGreaterThanOrEqual(3);
    }
  });
});
