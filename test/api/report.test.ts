/** `bench report` of a published scenario: only from its records, without a server. */
import { parse } from "csv-parse/sync";
import { copyFile, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { API_RECORDS_FILE, readScenario } from "../../harness/scenario/records.ts";
import { listPlugIns } from "../../harness/registry.ts";
import { scenarioChart } from "../../harness/scenario/report/chart.ts";
import { WORDS } from "../../harness/reporters/page/words/index.ts";
import { scenarioCsv } from "../../harness/scenario/report/csv.ts";
import { scenarioTable } from "../../harness/scenario/report/index.ts";
import { scenarioPart } from "../../harness/scenario/report/part.ts";
import { runPath } from "../../scripts/readme/runs.ts";
import { benchInProcess } from "../support/in-process.ts";

const PUBLISHED = join(runPath("api-long"), API_RECORDS_FILE);

describe("bench report of a scenario", () => {
  let folder: string;
  let table: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "api-report-"));
    await copyFile(PUBLISHED, join(folder, API_RECORDS_FILE));
    table = scenarioTable(await readScenario(folder), false);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("refuses a format that scenarios do not have, and writes nothing", async () => {
    const { code, stdout, stderr } = await benchInProcess(["report", folder, "--format", "table,json"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(
      /error BAD_OPTION: --format json is not available for a scenario.*\n {2}fix: use table, csv, md, svg, or --json/,
    );
    expect(await readdir(folder)).toEqual([API_RECORDS_FILE]);
  });

  it("writes nothing into the folder of the records, and only the requested formats into that of --out", async () => {
    expect((await benchInProcess(["report", folder])).stdout).toContain(table);
    expect((await benchInProcess(["report", folder, "--format", "table"])).stdout).toContain(table);
    const out = join(folder, "..", `${basename(folder)}-out`);
    const { code, stdout } = await benchInProcess(["report", folder, "--format", "md,csv", "--out", out, "--title", "Ours"]);
    expect(code).toBe(0);
    expect(stdout).not.toContain(table.split("\n").at(-1));
    expect((await readdir(out)).toSorted()).toEqual(["api.csv", "api.md", "figures", "report.md"]);
    expect(await readFile(join(out, "api.md"), "utf8")).toMatch(/^# Ours\n/);
    expect(await readdir(folder)).toEqual([API_RECORDS_FILE]);
    await rm(out, { recursive: true });
  });

  it("prints only the summary to standard output with --json, and the table to standard error", async () => {
    const { code, stdout, stderr } = await benchInProcess(["report", folder, "--json"]);
    expect(code).toBe(0);
    expect(stderr).toContain(table);
    const { scenario, samples } = await readScenario(folder);
    const summary = JSON.parse(stdout) as { variants: { variant: { id: string }; samples: number }[] };
    expect(summary).toMatchObject({ scenario: { runId: scenario.runId }, how: "complete" });
    expect(summary.variants.map(({ variant }) => variant.id)).toEqual(scenario.variants.map(({ id }) => id));
    expect(summary.variants.reduce((sum, variant) => sum + variant.samples, 0)).toBe(samples.length);
    expect(await benchInProcess(["report", folder, "--json", "--quiet"])).toEqual({ code: 0, stdout, stderr: "" });
  });

  it("draws api.svg over its whole width, with the errors of each guard and no colour of a library", async () => {
    const results = await readScenario(folder);
    const chart = (await scenarioChart(results)) ?? "";
    const width = Number(/ width="(\d+)"/.exec(chart)?.[1]);
    const [, plot] =
      /aria-roledescription="group mark container"[\s\S]*?class="background"[^>]*d="M0(?:\.5)?,0(?:\.5)?h(8\d\d)v/.exec(chart) ??
      [];
    expect(Number(plot) / width).toBeGreaterThan(0.75);
    for (const label of ["87.8 % (", "0.0 % (0 of", "failed requests, % of all", "lock-timeout", "memory-flag"])
      expect(chart).toContain(label);
    const colours = (await listPlugIns("orm")).map(({ value }) => value.colour ?? "");
    for (const colour of colours) expect(chart).not.toContain(colour);
    expect(await scenarioChart({ ...results, scenario: { ...results.scenario, title: "Ours" } })).toContain(">Ours</text>");
  });

  it("has no English sentence of the program in its Korean part: load, machine, origin, problems and limitations", async () => {
    const results = await readScenario(folder);
    const english = JSON.stringify(await scenarioPart(results, "api")(WORDS.en));
    const korean = JSON.stringify(await scenarioPart(results, "api")(WORDS.ko));
    const { originTexts, limits, headline } = WORDS.en.scenario;
    const sentences = [
      originTexts.caution,
      originTexts.claimTime,
      ...limits,
      headline.rate(String(results.scenario.ratePerSecond)),
    ];
    expect(sentences.filter((sentence) => !english.includes(sentence))).toEqual([]);
    expect(sentences.filter((sentence) => korean.includes(sentence))).toEqual([]);
    for (const sentence of [WORDS.ko.scenario.originTexts.caution, ...WORDS.ko.scenario.limits])
      expect(korean).toContain(sentence);
  });

  it("reads the deferred users of an older record, which stored them under another name", async () => {
    const lines = (await readFile(PUBLISHED, "utf8")).trimEnd().split("\n");
    const stored = lines.map((line) => JSON.parse(line) as { type: string; usersPutOff?: number | null });
    const expected = stored.filter(({ type }) => type === "sample").map(({ usersPutOff }) => usersPutOff);
    expect(expected).toContainEqual(expect.any(Number));
    const { samples } = await readScenario(folder);
    expect(samples.map(({ deferredUsers }) => deferredUsers)).toEqual(expected);
  });

  it("reads the users of a lost partition of an older record, which stored them under another name", async () => {
    const path = runPath("api-killed");
    const lines = (await readFile(join(path, API_RECORDS_FILE), "utf8")).trimEnd().split("\n");
    interface Stored {
      readonly cluster?: { readonly disturbance?: { readonly shareUsers: number | null } | null } | null;
    }
    const stored = lines.flatMap((line) => (JSON.parse(line) as Stored).cluster?.disturbance?.shareUsers ?? []);
    expect(stored.length).toBeGreaterThan(0);
    const { samples } = await readScenario(path);
    expect(samples.flatMap(({ cluster }) => cluster?.disturbance?.lostPartitionUsers ?? [])).toEqual(stored);
  });

  it("gives each row of api.csv the data, the server, the machine and the day", async () => {
    const rows = parse<Record<string, string>>(scenarioCsv(await readScenario(folder)), { columns: true });
    expect(rows[0]).toMatchObject({
      users: "30000",
      dormant_users: "70000",
      orders: "1000000",
      requests_per_s: "200",
      server: "MySQL 9.7.4-2",
      date: "2026-11-28",
    });
  });
});
