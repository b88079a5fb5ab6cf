/** The page in a real browser, opened from disk. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import type { Browser, Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { publishDocuments } from "../../harness/commands/report-documents.ts";
import { changesOf } from "../../harness/history/changes.ts";
import { historyHtml } from "../../harness/history/html.ts";
import { METRICS } from "../../harness/history/metrics.ts";
import { seriesOf } from "../../harness/history/series.ts";
import { reporter } from "../../harness/reporters/html.ts";
import type { Language } from "../../harness/reporters/page/words/languages.ts";
import { readRecords, RECORDS_FILE, type RunResults } from "../../harness/results/records.ts";
import { silentLog } from "../../lib/log.ts";
import { runPath, type RunName } from "../../scripts/readme/runs.ts";
import { isFull } from "../support/full.ts";
import { skipReason, startBrowser } from "../support/browser.ts";
import { hostileRun } from "./report-runs.ts";
import { mixed } from "./mixed-run.ts";

const recordsOf = (name: RunName): string => join(runPath(name), RECORDS_FILE);
const MAX_BYTES = 3 * 2 ** 20;

const started = await startBrowser();
const refusal = "reason" in started ? skipReason(started, process.env["CI"]) : null;
if (refusal !== null) console.warn(`skipped: ${refusal}`);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "page-"));
});
afterAll(async () => {
  if (!("reason" in started)) await started.close();
  await rm(folder, { recursive: true });
});

interface Opened {
  readonly page: Page;
  /** errors, messages and requests besides the file itself */
  readonly events: string[];
}

async function fileOf(name: string, results: RunResults): Promise<string> {
  const [file] = await reporter.files(results);
  const path = join(folder, `${name}.html`);
  await writeFile(path, file?.content ?? "");
  return path;
}

async function open(path: string, { width = 1_280, scheme = "light" } = {}): Promise<Opened> {
  const page = await (started as Browser).newPage();
  const events: string[] = [];
  const address = pathToFileURL(path).href;
  page.on("console", (message) => events.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => events.push(`error: ${error instanceof Error ? error.message : String(error)}`));
  page.on("request", (request) => {
    if (request.url().split("#")[0] !== address) events.push(`request: ${request.url()}`);
  });
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.goto(address, { waitUntil: "load" });
  return { page, events };
}

/** The violations that axe finds, as text. */
async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return (await page.evaluate(
    // without the other results, whose elements axe also describes
    "axe.run({ resultTypes: ['violations'], selectors: false }).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 200)).join(' ')))",
  )) as string[];
}

/** The texts of a column of the visible rows of the table of cells. */
const column = (page: Page, index: number): Promise<string[]> =>
  page.$$eval(
    "table[data-filters] tbody tr",
    (rows, at) =>
      (rows as unknown as { hidden: boolean; cells: { textContent: string }[] }[])
        .filter(({ hidden }) => !hidden)
        .map(({ cells }) => cells[at]?.textContent.trim() ?? ""),
    index,
  );

describe.skipIf(refusal !== null)("the page in Chromium", () => {
  let quick: string;
  /** nine libraries */
  let orms: string;
  /** the page of `quick`, which the first tests use one after the other */
  let shown: Opened;
  beforeAll(async () => {
    quick = await fileOf("quick", await readRecords(recordsOf("quick")));
    orms = await fileOf("orms", await readRecords(recordsOf("orms")));
    shown = await open(quick);
  });

  it("shows a stored run from disk without a request, a message or an error, in less than 3 MB", async () => {
    const { page, events } = shown;
    expect(await page.$eval("h1", ({ textContent }) => textContent)).toMatch(/^set-based through mysql2 is fastest/);
    expect(events).toEqual([]);
    expect((await readFile(quick)).byteLength).toBeLessThan(MAX_BYTES);
  });

  it("sorts by a column in both directions", async () => {
    const { page } = shown;
    const times = await column(page, 2);
    const head = "table[data-filters] thead th:nth-child(3)";
    await page.click(`${head} button`);
    expect(await page.$eval(head, (cell) => cell.getAttribute("aria-sort"))).toBe("ascending");
    expect(await column(page, 2)).toEqual(times);
    // by keyboard
    await page.focus(`${head} button`);
    await page.keyboard.press("Enter");
    expect(await page.$eval(head, (cell) => cell.getAttribute("aria-sort"))).toBe("descending");
    expect(await column(page, 2)).toEqual(times.toReversed());
  });

  it("filters cells and their details by axis, and shows all again", async () => {
    const { page } = shown;
    await page.select('select[name="technique"]', "chunked");
    await page.select('select[name="library"]', "prisma");
    expect(await column(page, 0)).toEqual(["chunked"]);
    const visible = "details[data-axes]:not([hidden])";
    expect(await page.$$eval(visible, (found) => found.length)).toBe(1);
    expect(await page.$eval(".filters output", ({ textContent }) => textContent)).toBe("1 of 13 rows shown");
    await page.click(".filters button");
    await page.waitForFunction('document.querySelector(".filters output").textContent.startsWith("13 of 13")');
    expect(await page.$$eval(visible, (found) => found.length)).toBe(13);
  });

  it("opens the details of a cell from the table", async () => {
    const { page } = shown;
    await page.click("table[data-filters] tbody tr:first-child a");
    await page.waitForSelector("details[data-axes][open] pre", { visible: false });
    expect(await page.$$eval("details[data-axes][open]", (found) => found.length)).toBe(1);
  });

  const opened = [
    ["quick", 360, "dark"],
    ["quick", 1_280, "light"],
    ["orms", 360, "light"],
    ["orms", 1_280, "dark"],
    ["orms", 1_280, "light"],
  ] as const;
  // the page with a cell of every status below is wide and light
  it.each(isFull ? opened : opened.slice(0, 1))(
    "does not scroll sideways and passes axe: %s at %i px, %s",
    async (name, width, scheme) => {
      const { page, events } = await open(name === "orms" ? orms : quick, { width, scheme });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      expect(await violationsOf(page)).toEqual([]);
      expect(events).toEqual([]);
      await page.close();
    },
  );

  it.each([360, 1_280])("keeps the fields of nine libraries apart at %i px", async (width) => {
    const { page } = await open(orms, { width });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
    const figure = `#run-heat-map .chart.${width < 640 ? "phone" : "wide"} svg`;
    const edges = await page.$$eval(`${figure} .layer_3_marks text`, (texts) =>
      texts.map((text) => {
        const { left, right, top } = text.getBoundingClientRect();
        return { left, right, top };
      }),
    );
    expect(edges.length).toBeGreaterThan(18);
    for (const row of Map.groupBy(edges, ({ top }) => Math.round(top / 20)).values()) {
      const inOrder = row.toSorted((a, b) => a.left - b.left);
      for (const [index, { left }] of inOrder.entries()) expect(left).toBeGreaterThan(inOrder[index - 1]?.right ?? 0);
    }
    await page.close();
  });

  it("shows a history on a phone with a dark screen", async () => {
    const results = await readRecords(recordsOf("quick"));
    const nights = Array.from({ length: 20 }, (_, index) => {
      const startedAt = new Date(Date.UTC(2026, 0, index + 1)).toISOString();
      const samples = results.samples.map((sample) => ({ ...sample, wallMs: (sample.wallMs ?? 0) * (index < 10 ? 1 : 2) }));
      return { folder: `results/night-${index + 1}`, results: { ...results, samples, run: { ...results.run, startedAt } } };
    });
    const metric = METRICS.wall;
    const everySeries = seriesOf(nights, { order: "date", metric });
    // Thirteen charts on two screens took 10 s.
    const series = isFull ? everySeries : everySeries.slice(0, 2);
    const histories = series.map((each) => ({
      series: each,
      changes: changesOf(each, metric, { threshold: 0.05, alpha: 0.01 }),
    }));
    const path = join(folder, "history.html");
    await writeFile(path, await historyHtml({ metric, histories, notes: ["A note."] }));
    const screens = [
      [360, "dark"],
      [1_280, "light"],
    ] as const;
    for (const [width, scheme] of isFull ? screens : screens.slice(0, 1)) {
      const { page, events } = await open(path, { width, scheme });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      expect(await violationsOf(page)).toEqual([]);
      expect(events).toEqual([]);
      await page.close();
    }
  });

  const all = ["quick", "workers", "api-instances", "chaos"] as const;
  const together: readonly (readonly [
    names: readonly (RunName | "mixed")[],
    language: Language,
    width: number,
    scheme: string,
  ])[] = [
    // two small runs with a filter each; the page of all took 30 s
    [["mixed", "mixed", "api-small"], "ko", 360, "dark"],
    [all, "ko", 360, "dark"],
    [all, "en", 1_280, "light"],
  ];
  it.each(isFull ? together : together.slice(0, 1))(
    "shows several runs, requests and trials on one page: %j in %s at %i px, %s",
    async (names, language, width, scheme) => {
      const out = await mkdtemp(join(folder, "together-"));
      const request = { formats: ["html"], language, title: null, out };
      const prepare = (): Promise<void> => Promise.resolve();
      const small = await mkdtemp(join(folder, "mixed-"));
      const { run, samples, end } = mixed;
      await writeFile(join(small, RECORDS_FILE), [run, ...samples, end].map((record) => `${JSON.stringify(record)}\n`).join(""));
      const places = names.map((name) => (name === "mixed" ? small : runPath(name)));
      await publishDocuments(places, request, prepare, { print: () => {}, log: silentLog, json: false });
      const [file = ""] = await readdir(out);
      const { page, events } = await open(join(out, file), { width, scheme });
      expect(await page.$eval("html", (html) => html.getAttribute("lang"))).toBe(language);
      for (const index of names.keys()) expect(await page.$$(`[id^="run-${index + 1}-"]`), names[index]).not.toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      expect(await violationsOf(page)).toEqual([]);
      expect(events).toEqual([]);
      await page.close();
    },
  );

  it("passes axe with open details, failed and skipped cells", async () => {
    const { page } = await open(await fileOf("mixed", mixed));
    await page.$$eval("details", (all) => {
      for (const one of all) (one as unknown as { open: boolean }).open = true;
    });
    expect(await violationsOf(page)).toEqual([]);
    await page.close();
  });

  it("shows everything without scripts", async () => {
    const page = await (started as Browser).newPage();
    await page.setJavaScriptEnabled(false);
    await page.goto(pathToFileURL(quick).href);
    expect(await page.$$eval("table[data-filters] tbody tr", (rows) => rows.length)).toBe(13);
    await page.close();
  });

  it("prints without parts that need a screen", async () => {
    const { page } = shown;
    await page.emulateMediaType("print");
    expect(await page.$eval("nav", (nav) => nav.checkVisibility())).toBe(false);
    expect(await page.$eval(".chart.wide", (chart) => chart.checkVisibility())).toBe(true);
    expect((await page.pdf({ format: "A4" })).byteLength).toBeGreaterThan(10_000);
    await page.close();
  });

  it("runs no text of hostile records", async () => {
    const { page, events } = await open(await fileOf("hostile", hostileRun()));
    await page.$$eval("details", (all) => {
      for (const one of all) (one as unknown as { open: boolean }).open = true;
    });
    expect(await page.$$eval("img", (found) => found.length)).toBe(0);
    expect(await page.title()).not.toBe("owned");
    expect(events).toEqual([]);
    await page.close();
  });
});

describe("a browser that does not start", () => {
  const fault = { reason: "no headless Chromium on linux x64: a library is missing", isFault: true };

  it("fails the tests in CI, where nobody reads that they were skipped", () => {
    expect(() => skipReason(fault, "true")).toThrow(/^no headless Chromium on linux x64: a library is missing\. Install/);
  });

  it("skips the tests elsewhere, and on a platform for which there is no Chromium", () => {
    expect(skipReason(fault, undefined)).toBe(fault.reason);
    expect(skipReason(fault, "")).toBe(fault.reason);
    expect(skipReason({ ...fault, isFault: false }, "true")).toBe(fault.reason);
  });
});
