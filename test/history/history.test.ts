import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changesOf } from "../../harness/history/changes.ts";
import { METRICS } from "../../harness/history/metrics.ts";
import { seriesOf } from "../../harness/history/series.ts";
import { sparkline } from "../../harness/history/view.ts";
import type { StoredRun } from "../../harness/results/find-runs.ts";
import { benchInProcess } from "../support/in-process.ts";
import { recordedCell, recordedRun, recordedSample } from "../support/records.ts";
import { randomOf } from "../statistics/normal.ts";

interface Night {
  readonly day: number;
  readonly wallMs: number;
  readonly statements?: number;
  readonly version?: string;
  readonly machine?: string;
  readonly commit?: string;
  readonly users?: number;
}

const cell = {
  ...recordedCell({ strategy: "chunked", orm: "prisma", chunkUsers: 500 }),
  id: "chunked/prisma/identity/chunk=500",
};

function night({
  day,
  wallMs,
  statements = 1_204,
  version = "7.9.1",
  machine = "box",
  commit = "a".repeat(40),
  users = 30_000,
}: Night): StoredRun {
  const samples = [1, 2, 3].map((round) =>
    recordedSample(cell, round, { wallMs: wallMs + round, statements, ormVersion: version, retries: 0 }),
  );
  const results = recordedRun([cell], samples, { startedAt: new Date(Date.UTC(2026, 0, day)).toISOString() });
  const { environment, dataset } = results.run;
  results.run.environment = {
    ...environment,
    gitCommit: commit,
    machine: { ...environment.machine, name: machine },
    versions: { ...environment.versions, "@prisma/client": version },
  };
  results.run.dataset = { ...dataset, users };
  return { folder: `results/night-${day}-${machine}`, results };
}

const noise = randomOf(11);
/** Ten nights at 10 s, then ten at 12 s with another library and another statement. */
const nights = Array.from({ length: 20 }, (_, index) =>
  night({
    day: index + 1,
    wallMs: (index < 10 ? 10_000 : 12_000) + 100 * noise(),
    statements: index < 10 ? 1_204 : 1_264,
    version: index < 10 ? "7.9.1" : "7.10.0",
  }),
);
const LIMITS = { threshold: 0.05, alpha: 0.01 };

describe("a history", () => {
  it("finds the night of a slow-down, its size, and what changed with it", () => {
    const [series, ...others] = seriesOf(nights, { order: "date", metric: METRICS.wall });
    expect(others).toEqual([]);
    const [change, ...more] = series === undefined ? [] : changesOf(series, METRICS.wall, LIMITS);
    expect(more).toEqual([]);
    expect(change).toMatchObject({
      index: 10,
      after: { run: { folder: "results/night-11-box" } },
      ratio: expect.closeTo(1.2, 1) as number,
      together: ["library 7.9.1 -> 7.10.0", "version of @prisma/client 7.9.1 -> 7.10.0"],
    });
    expect(change?.p).toBeLessThanOrEqual(0.01);
  });

  it("leaves out a change below the smallest effect", () => {
    const [series] = seriesOf(nights, { order: "date", metric: METRICS.wall });
    expect(series === undefined ? null : changesOf(series, METRICS.wall, { ...LIMITS, threshold: 0.5 })).toEqual([]);
  });

  it("finds a different count between two runs, without a test", () => {
    const two = [nights[9], nights[10]].flatMap((run) => run ?? []);
    const [series] = seriesOf(two, { order: "date", metric: METRICS.statements });
    expect(series === undefined ? null : changesOf(series, METRICS.statements, LIMITS)).toMatchObject([
      { index: 1, from: 1_204, to: 1_264, p: null },
    ]);
  });

  it("never joins two machines, settings or sizes, and joins renamed machines on request", () => {
    const mixed = [
      night({ day: 1, wallMs: 10_000 }),
      night({ day: 2, wallMs: 10_000, machine: "runner-7" }),
      night({ day: 3, wallMs: 10_000, users: 300 }),
    ];
    expect(seriesOf(mixed, { order: "date", metric: METRICS.wall }).map(({ points }) => points.length)).toEqual([1, 1, 1]);
    const joined = seriesOf(mixed, { order: "date", metric: METRICS.wall, ignoreNames: true });
    expect(joined.map(({ points }) => points.length).toSorted((a, b) => a - b)).toEqual([1, 2]);
    expect(joined.flatMap(({ machines }) => machines)).toContain("runner-7");
  });

  it("pools runs of one version, in the order of versions", () => {
    const [series] = seriesOf(nights.toReversed(), { order: "version", metric: METRICS.wall });
    expect(series?.points.map(({ label, samples }) => [label, samples])).toEqual([
      ["7.9.1", 30],
      ["7.10.0", 30],
    ]);
  });

  it("pools runs of one commit", () => {
    const commits = nights
      .slice(0, 4)
      .map((_, index) => night({ day: index + 1, wallMs: 10_000, commit: (index < 2 ? "a" : "b").repeat(40) }));
    const [series] = seriesOf(commits, { order: "commit", metric: METRICS.wall });
    expect(series?.points.map(({ label, samples }) => [label, samples])).toEqual([
      ["aaaaaaaaaa", 6],
      ["bbbbbbbbbb", 6],
    ]);
  });

  it("draws the lowest and the highest value, and equal values as one level", () => {
    expect(sparkline([1, 1, 2])).toBe("▁▁█");
    expect(sparkline([5, 5])).toBe("▁▁");
  });
});

describe("bench history", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bench-history-"));
    for (const [index, { results }] of nights.entries()) {
      const out = join(folder, "artefacts", `run-${index}`);
      await mkdir(out, { recursive: true });
      const lines = [results.run, ...results.samples, results.end].map((record) => JSON.stringify(record));
      await writeFile(join(out, "records.jsonl"), `${lines.join("\n")}\n`);
    }
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("prints the series with its change, and writes CSV and a page with a chart", async () => {
    const out = join(folder, "report");
    const { code, stdout } = await benchInProcess(["history", join(folder, "artefacts"), "--out", out]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/chunked\/prisma\/identity\/chunk=500 +20 +[▁-█]{20} /);
    expect(stdout).toMatch(/2026-01-10 00:00 -> 2026-01-11 00:00: 9\.93 s -> 12\.0 s \(1\.\d\dx, p = 0\.001\)/);
    expect(stdout).toMatch(/changed together: library 7\.9\.1 -> 7\.10\.0/);
    const csv = (await readFile(join(out, "history.csv"), "utf8")).trim().split("\n");
    expect(csv).toHaveLength(21);
    expect(csv.filter((line) => line.includes(",true,"))).toEqual([expect.stringContaining("2026-01-11")]);
    const page = await readFile(join(out, "history.html"), "utf8");
    expect(page).toMatch(/^<!doctype html>[^]*<svg[^]*2026-01-11[^]*<\/svg>/);
    expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  });

  it("prints data, and says when too few points can show a change", async () => {
    const json = await benchInProcess(["history", folder, "--json", "--by", "version"]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      notes: [expect.anything(), expect.stringMatching(/1 of 1 series have fewer than 10 points/)],
      series: [{ points: [{ label: "7.9.1" }, { label: "7.10.0" }], changes: [] }],
    });
  });

  it.each<[readonly string[], RegExp, number]>([
    [["--cell", "orm=nothing"], /NOTHING_MEASURED: no stored run has a complete cell that --cell selects/, 1],
    [["--cell", "prisma"], /BAD_OPTION: "prisma" is not of the form axis=value/, 2],
    [["--by", "author"], /"author" is not one of date, commit, version/, 2],
    [["--metric", "speed"], /"speed" is not one of wall/, 2],
  ])("refuses %j with the reason", async (args, said, code) => {
    const finished = await benchInProcess(["history", folder, ...args]);
    expect(finished.stderr).toMatch(said);
    expect(finished).toMatchObject({ code, stdout: "" });
  });
});
