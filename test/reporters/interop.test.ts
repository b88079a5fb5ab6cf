import { describe, expect, it } from "vitest";
import { z } from "zod";
import { reporter as bencher } from "../../harness/reporters/bencher.ts";
import { reporter as benchstat } from "../../harness/reporters/benchstat.ts";
import { reporter as github } from "../../harness/reporters/github.ts";
import { reporter as hyperfine } from "../../harness/reporters/hyperfine.ts";
import type { Reporter } from "../../harness/reporters/reporter.ts";
import { recordedCell, recordedRun, recordedSample, timedOut, wrong } from "../support/records.ts";

const timed = recordedCell({ strategy: "chunked", orm: "prisma", chunkUsers: 500, workers: 2 });
const ofHead = {
  ...recordedCell({ strategy: "unit-of-work", orm: "drizzle", version: "0.45.4-dev.2", side: "head" }),
  id: "unit-of-work/drizzle@0.45.4-dev.2/identity/side=head",
};
const once = recordedCell({ strategy: "set-based", orm: "mysql2" });
const liar = recordedCell({ strategy: "case-when", orm: "prisma", chunkUsers: 500 });
const stopped = recordedCell({ strategy: "naive", orm: "prisma" });
const results = recordedRun(
  [timed, once, liar, stopped, ofHead],
  [
    recordedSample(timed, 2, { wallMs: 3_000 }),
    recordedSample(timed, 1, { wallMs: 1_000 }),
    recordedSample(timed, 3, { wallMs: 2_000, statements: null, peakRssBytes: null }),
    recordedSample(once, 1, { wallMs: 500 }),
    recordedSample(ofHead, 1, { wallMs: 700 }),
    recordedSample(liar, 1),
    recordedSample(liar, 2, wrong("wrong result")),
    recordedSample(stopped, 1, timedOut()),
  ],
);
/** A line in Go's format: name, iterations, then pairs of value and unit (https://go.dev/design/14313-benchmark-format). */
const GO_LINE = /^Benchmark[A-Z]\S*(\s+\d+)(?:\s+\d+(\.\d+)?\s+[^\s\d]\S*)+$/;
const HYPERFINE = z.strictObject({
  results: z.array(
    z.strictObject({
      command: z.string(),
      mean: z.number(),
      stddev: z.number().nullable(),
      median: z.number(),
      user: z.number(),
      system: z.number(),
      min: z.number(),
      max: z.number(),
      times: z.array(z.number()).nonempty(),
      exit_codes: z.array(z.number()),
      parameters: z.record(z.string(), z.string()).optional(),
    }),
  ),
});
const GITHUB = z.array(
  z.strictObject({
    name: z.string(),
    unit: z.string(),
    value: z.number(),
    range: z.string().optional(),
    extra: z.string().optional(),
  }),
);
const BENCHER = z.record(
  z.string(),
  z.record(
    z.string(),
    z.strictObject({ value: z.number(), lower_value: z.number().optional(), upper_value: z.number().optional() }),
  ),
);

describe("the schemas that check the files", () => {
  it("accept each tool's documented example, and nothing beyond it", () => {
    // from the design document of Go's format
    expect(
      "BenchmarkDecode/text=digits/level=speed/size=1e4-8 \t 100 \t 154125 ns/op\t 64.88 MB/s\t 40418 B/op\t 7 allocs/op",
    ).toMatch(GO_LINE);
    // the output of hyperfine 1.15 for `hyperfine --export-json - true`, except for the number of runs
    const exported = { command: "true", mean: 0.00022, stddev: 0.00008, median: 0.0002, user: 0.00019, system: 0.0001 };
    HYPERFINE.parse({ results: [{ ...exported, min: 0.00015, max: 0.0003, times: [0.00015, 0.0003], exit_codes: [0, 0] }] });
    // from the README of github-action-benchmark
    GITHUB.parse([
      { name: "My Custom Smaller Is Better Benchmark - CPU Load", unit: "Percent", value: 50 },
      {
        name: "My Custom Smaller Is Better Benchmark - Memory Used",
        unit: "Megabytes",
        value: 100,
        range: "3",
        extra: "Optional Num #2: 100",
      },
    ]);
    // https://bencher.dev/docs/reference/bencher-metric-format
    BENCHER.parse({
      benchmark_name: { latency: { value: 88, lower_value: 87.42, upper_value: 88.88 }, throughput: { value: 5.55 } },
      "/bin/sh -c ./my_build_script.sh": { "build-time": { value: 87 } },
    });
  });
});

const contentOf = async (reporter: Reporter): Promise<string> => (await reporter.files(results))[0]?.content ?? "";

describe("files for other tools", () => {
  it.each([benchstat, hyperfine, github, bencher])("contain exactly the cells with a verified time: $id", async (reporter) => {
    const text = await contentOf(reporter);
    expect(text).toContain("chunked");
    expect(text).toContain("set-based");
    expect(text).not.toMatch(/naive|case-when|null,\s*"unit"|NaN/);
  });

  it("contain one line of Go's benchmark format per sample, with a name that benchstat splits into axes", async () => {
    const lines = (await contentOf(benchstat)).trim().split("\n");
    const benchmarks = lines.filter((line) => line.startsWith("Benchmark"));
    expect(benchmarks).toHaveLength(5);
    for (const line of benchmarks) expect(line).toMatch(GO_LINE);
    for (const line of lines.filter((line) => !line.startsWith("Benchmark"))) expect(line).toMatch(/^[a-z][^\sA-Z]*: \S.*$/);
    expect(benchmarks[0]).toContain("/strategy=chunked/orm=prisma/key=identity/chunk=500/workers=2/");
    expect(benchmarks.map((line) => line.split(" ")[2])).toEqual([
      "1000000000",
      "3000000000",
      "2000000000",
      "500000000",
      "700000000",
    ]);
    expect(benchmarks.at(-1)).toContain("/orm=drizzle@0.45.4-dev.2/");
    // benchstat parses a number after a dash at the end of a name as the number of processors
    for (const line of benchmarks) expect(line.split(" ")[0]).toMatch(/\/[a-z]+=[a-z]+$/);
  });

  it("have the shape of hyperfine's export, in seconds, with exactly the fields of hyperfine 1.15", async () => {
    const [first, second] = HYPERFINE.parse(JSON.parse(await contentOf(hyperfine))).results;
    expect(first).toMatchObject({ mean: 2, median: 2, stddev: 1, min: 1, max: 3, times: [1, 3, 2] });
    expect(second?.stddev).toBeNull();
  });

  it("have the shape that github-action-benchmark's customSmallerIsBetter reads", async () => {
    const entries = GITHUB.parse(JSON.parse(await contentOf(github)));
    expect(entries[0]).toMatchObject({ unit: "ms", value: 2_000, range: "1.00 s - 3.00 s" });
    expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length);
  });

  it("have the shape of Bencher's metric format, with bounds around the value", async () => {
    const benchmarks = BENCHER.parse(JSON.parse(await contentOf(bencher)));
    const latency = benchmarks[timed.id]?.["latency"];
    expect(latency).toEqual({ value: 2e9, lower_value: 1e9, upper_value: 3e9 });
    for (const [benchmark, measures] of Object.entries(benchmarks)) {
      // Bencher rejects longer names: https://bencher.dev/docs/reference/bencher-metric-format
      expect(benchmark.length).toBeLessThanOrEqual(1024);
      for (const measure of Object.keys(measures)) expect(measure).toMatch(/^[a-z-]{1,64}$/);
    }
  });
});
