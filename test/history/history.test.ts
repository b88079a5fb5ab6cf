import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changesOf } from "../../harness/history/changes.ts";
import { seriesChart } from "../../harness/history/chart.ts";
import { METRICS, type Metric } from "../../harness/history/metrics.ts";
import { seriesOf } from "../../harness/history/series.ts";
import { sparkline } from "../../harness/history/view.ts";
import { renderSvg } from "../../harness/reporters/parts/vega.ts";
import type { StoredRun } from "../../harness/results/find-runs.ts";
import type { SampleRecord } from "../../harness/results/records.ts";
import { bench } from "../support/bench.ts";
import { benchInProcess } from "../support/in-process.ts";
import { recordedCell, recordedRun, recordedSample, wrong } from "../support/records.ts";
import { randomOf } from "../statistics/normal.ts";

interface Night {
  readonly day: number;
  readonly wallMs: number;
  readonly statements?: number;
  readonly version?: string;
  readonly machine?: string;
  readonly commit?: string;
  readonly users?: number;
  /** added to the settings of the server */
  readonly variables?: Readonly<Record<string, string>>;
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
  variables = {},
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
    server: { ...environment.server, variables: { ...environment.server.variables, ...variables } },
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

  it("has no point for a run with a wrong result", () => {
    const { folder, results } = night({ day: 1, wallMs: 10_000 });
    const samples = [...results.samples, recordedSample(cell, 4, wrong("a row is missing"))];
    const options = { order: "date", metric: METRICS.wall, anyMachine: false } as const;
    expect(seriesOf([{ folder, results }], options)).toHaveLength(1);
    expect(seriesOf([{ folder, results: { ...results, samples } }], options)).toEqual([]);
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

  it("compares the settings that two runs recorded, whatever an older run beside them lacks", () => {
    const mixed = [
      night({ day: 1, wallMs: 10_000 }),
      night({ day: 2, wallMs: 10_000, variables: { innodb_flush_method: "fsync" } }),
      night({ day: 3, wallMs: 12_000, variables: { innodb_flush_method: "O_DIRECT" } }),
      night({ day: 4, wallMs: 12_000, variables: { innodb_flush_method: "O_DIRECT", max_connections: "100" } }),
    ];
    for (const runs of [mixed, mixed.toReversed()]) {
      const found = seriesOf(runs, { order: "date", metric: METRICS.wall });
      const days = found.map(({ points }) => points.map(({ label }) => Number(label.slice(8, 10))));
      // two that differ never join; the old run is in one series
      expect(days.flat().toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4]);
      expect(days.some((own) => own.includes(2) && (own.includes(3) || own.includes(4)))).toBe(false);
      expect(days.some((own) => own.includes(3) && own.includes(4))).toBe(true);
    }
  });

  it("joins an old run with a newer one whose further settings it did not record", () => {
    const two = [
      night({ day: 1, wallMs: 10_000 }),
      night({ day: 2, wallMs: 10_000, variables: { innodb_flush_method: "fsync" } }),
    ];
    expect(seriesOf(two, { order: "date", metric: METRICS.wall }).map(({ points }) => points.length)).toEqual([2]);
  });

  it("names the setting that separates two series of one cell", () => {
    const two = ["fsync", "O_DIRECT"].map((method, index) =>
      night({ day: index + 1, wallMs: 10_000, variables: { innodb_flush_method: method, max_connections: "100" } }),
    );
    const conditions = seriesOf(two, { order: "date", metric: METRICS.wall }).map((each) => each.conditions);
    expect(conditions.toSorted()).toEqual([
      expect.stringMatching(/, data 01234567, innodb_flush_method O_DIRECT$/),
      expect.stringMatching(/, data 01234567, innodb_flush_method fsync$/),
    ]);
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

/** The marks of a chart in a layer. */
interface Drawn {
  readonly layer: readonly { readonly encoding: { readonly y?: { readonly axis?: { readonly title?: string } } } }[];
  readonly data: { readonly values: readonly { readonly value: number }[] };
}

describe("the chart of a series", () => {
  it.each<[keyof typeof METRICS, Partial<SampleRecord>, string, number]>([
    ["wall", { wallMs: 12_500 }, "time in s", 12.5],
    ["wall", { wallMs: 250 }, "time in ms", 250],
    ["cpu", { clientCpuMs: 2_000 }, "CPU time of the client in s", 2],
    ["rss", { peakRssBytes: 100 * 2 ** 20 }, "peak memory in MiB", 100],
    ["statements", { statements: 1_204 }, "statements", 1_204],
  ])("has a unit on the axis of %s %j", async (name, parts, title, value) => {
    const metric: Metric = METRICS[name];
    const runs = [1, 2].map((day) => {
      const { folder, results } = night({ day, wallMs: 1 });
      return { folder, results: { ...results, samples: results.samples.map((sample) => ({ ...sample, ...parts })) } };
    });
    const [series] = seriesOf(runs, { order: "date", metric });
    if (series === undefined) throw new Error("no series");
    const spec = seriesChart({ series, changes: [] }, metric, 800);
    const { layer, data } = spec as unknown as Drawn;
    expect(layer.flatMap(({ encoding }) => encoding.y?.axis?.title ?? [])).toContain(title);
    expect(data.values.map((point) => point.value)).toEqual([value, value]);
    const [, unit = null] = / in (\w+)$/.exec(title) ?? [];
    const ticks = [...(await renderSvg(spec)).matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = ""]) => text);
    expect(ticks).toContain(unit === null ? "1,204" : `${value} ${unit}`);
  });

  it("labels as many of 150 nights as have room", async () => {
    const many = Array.from({ length: 150 }, (_, index) => night({ day: index + 1, wallMs: 10_000 }));
    const [series] = seriesOf(many, { order: "date", metric: METRICS.wall });
    if (series === undefined) throw new Error("no series");
    const svg = await renderSvg(seriesChart({ series, changes: [] }, METRICS.wall, 800));
    const labels = svg.match(/>2026-\d\d-\d\d 00:00</g) ?? [];
    expect(labels.length).toBeGreaterThanOrEqual(3);
    expect(labels.length).toBeLessThanOrEqual(7);
  });
});

async function store(out: string, { results }: StoredRun): Promise<void> {
  await mkdir(out, { recursive: true });
  const lines = [results.run, ...results.samples, results.end].map((record) => JSON.stringify(record));
  await writeFile(join(out, "records.jsonl"), `${lines.join("\n")}\n`);
}

describe("bench history", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bench-history-"));
    for (const [index, run] of nights.entries()) await store(join(folder, "artefacts", `run-${index}`), run);
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
    expect(page).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
    // the document of the reports: for phones and dark screens, with a policy that allows no request
    expect(page).toMatch(/<meta name="viewport" content="width=device-width/);
    expect(page).toMatch(/prefers-color-scheme:dark/);
    expect(page).toMatch(/Content-Security-Policy" content="default-src &#39;none&#39;/);
    expect(page).toContain("<h1>The time changed in 1 of 1 series.</h1>");
    expect(page).toMatch(/<li>2026-01-10 00:00 -&gt; 2026-01-11 00:00: 9\.93 s [^<]*changed together: library 7\.9\.1/);
  });

  it("reads all runs below results/, also a change 110 nights ago", async () => {
    const project = join(folder, "project");
    for (let day = 1; day <= 150; day += 1) {
      const run = night({ day, wallMs: 10_000, statements: day < 40 ? 1_204 : 1_264 });
      const date = run.results.run.startedAt.slice(0, 10);
      await store(join(project, "results", date, "box", `night-${day}`), run);
    }
    const { code, stdout } = await bench(["history", "--metric", "statements", "--json"], { cwd: project });
    expect(code).toBe(0);
    const { series } = JSON.parse(stdout) as { series: { points: unknown[]; changes: object[] }[] };
    expect(series.map(({ points }) => points.length)).toEqual([150]);
    expect(series[0]?.changes).toMatchObject([{ before: "2026-02-08 00:00", after: "2026-02-09 00:00" }]);
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
