import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SampleRecord } from "../../harness/results/records.ts";
import { runPath } from "../../scripts/readme/runs.ts";
import { benchInProcess } from "../support/in-process.ts";
import { recordedCell, recordedRun, recordedSample, timedOut, wrong } from "../support/records.ts";

const ROUNDS = 15;
const fast = recordedCell({ strategy: "chunked", orm: "drizzle", chunkUsers: 500 });
const slow = recordedCell({ strategy: "chunked", orm: "prisma", chunkUsers: 500 });
const single = recordedCell({ strategy: "naive", orm: "prisma" });

/** A drift that both cells of a round share, larger than the difference of the cells. */
const drift = (round: number): number => 1 + 0.5 * Math.sin(round);
const noise = (round: number, salt: number): number => 1 + 0.01 * Math.sin(round * salt);

function samples(factor: number, statements: number): SampleRecord[] {
  return Array.from({ length: ROUNDS }, (_, index) => index + 1).flatMap((round) => [
    recordedSample(fast, round, { wallMs: 10_000 * drift(round) * noise(round, 7), statements: 1204 }),
    recordedSample(slow, round, { wallMs: 10_000 * factor * drift(round) * noise(round, 5), statements }),
  ]);
}

describe("bench compare", () => {
  let folder: string;
  const write = async (name: string, taken: SampleRecord[]): Promise<string> => {
    const { run, end } = recordedRun([fast, slow, single], taken);
    const out = join(folder, name);
    await mkdir(out);
    await writeFile(join(out, "records.jsonl"), `${[run, ...taken, end].map((record) => JSON.stringify(record)).join("\n")}\n`);
    return out;
  };
  let slower: string;
  let equal: string;
  let techniques: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bench-compare-"));
    slower = await write("slower", samples(1.2, 1210));
    equal = await write("equal", samples(1, 1204));
    techniques = await write(
      "techniques",
      [1, 2, 3].flatMap((round) => [
        recordedSample(slow, round, { wallMs: 10_000 + round }),
        recordedSample(single, round, { wallMs: 500_000 + round }),
      ]),
    );
  });
  afterAll(() => rm(folder, { recursive: true }));
  const within = (run: string, ...more: string[]) =>
    benchInProcess(["compare", run, "--base", "orm=drizzle", "--candidate", "orm=prisma", ...more]);

  it("finds a slow-down with its interval under a larger drift, and counts statements exactly", async () => {
    const { code, stdout } = await within(slower, "--format", "json");
    expect(code).toBe(0);
    const [found, ...others] = JSON.parse(stdout) as {
      comparison: { ratio: number; interval: { low: number; high: number } };
      verdict: string;
    }[];
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      base: fast.id,
      candidate: slow.id,
      verdict: "regressed",
      statements: { base: 1204, candidate: 1210 },
    });
    expect(found?.comparison.ratio).toBeCloseTo(1.2, 1);
    expect(found?.comparison.interval.low).toBeGreaterThan(1.15);
    const table = await within(slower);
    expect(table.stdout).toMatch(/regressed\s+1,204 -> 1,210/);
  });

  it("reports equal cells as equal, and exits 3 only on request and only for a regression", async () => {
    expect((await within(equal)).stdout).toMatch(/equivalent/);
    expect((await within(equal, "--strict")).code).toBe(0);
    expect(await within(slower, "--strict")).toMatchObject({ code: 3, stderr: expect.stringMatching(/REGRESSED: 1 of 1/) });
  });

  it("compares along any axis in both directions, and prints Markdown for a comment", async () => {
    const { stdout } = await benchInProcess([
      "compare",
      slower,
      "--base",
      "orm=prisma",
      "--candidate",
      "orm=drizzle",
      "--format",
      "md",
    ]);
    expect(stdout).toMatch(/^\| chunked\/drizzle\/identity \| chunked\/prisma\/identity \| 15 \| 0\.8\dx \| .* \| improved \|/m);
  });

  it("compares techniques when only one has chunks", async () => {
    const { code, stdout } = await benchInProcess([
      "compare",
      techniques,
      "--base",
      "strategy=naive",
      "--candidate",
      "strategy=chunked",
      "--json",
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([{ base: single.id, candidate: slow.id, comparison: { pairs: 3, faster: 3 } }]);
  });

  it("states for an inconclusive verdict which cell was slower in how many rounds, and how many rounds suffice", async () => {
    const { stdout } = await benchInProcess([
      "compare",
      techniques,
      "--base",
      "strategy=chunked",
      "--candidate",
      "strategy=naive",
    ]);
    expect(stdout).toContain("inconclusive: slower in each of 3 rounds");
    expect(stdout).toMatch(/3 rounds are too few for the 1 % level: 1 comparison needs at least 7/);
  });

  it("names the side without a time when a limit stopped it", async () => {
    const published = runPath("quick");
    const { code, stdout } = await benchInProcess([
      "compare",
      published,
      "--base",
      "strategy=naive",
      "--candidate",
      "strategy=chunked",
    ]);
    expect(code).toBe(0);
    expect(stdout.match(/ no data: a limit stopped the base /g)).toHaveLength(4);
  });

  it("compares two stored runs as advice without a verdict", async () => {
    const { code, stdout } = await benchInProcess(["compare", equal, slower]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/chunked\/prisma\/identity\s+1\.2\dx\s+1,204 -> 1,210/);
    expect(stdout).toContain("Advisory");
    expect(stdout).not.toMatch(/regressed|95 %/);
    expect((await benchInProcess(["compare", equal, slower, "--strict"])).code).toBe(3);
  });

  it("shows no ratio of two stored runs where a limit stopped most samples or one failed, and fails --strict", async () => {
    const three = (cell: typeof fast, parts: readonly Partial<SampleRecord>[]) =>
      parts.map((part, index) => recordedSample(cell, index + 1, { wallMs: 10_000, ...part }));
    const before = await write("before", [...three(fast, [{}, {}, {}]), ...three(slow, [{}, {}, {}])]);
    const after = await write("after", [
      ...three(fast, [{}, timedOut(), timedOut()]),
      ...three(slow, [{}, wrong("a row is missing"), {}]),
    ]);
    const { code, stdout } = await benchInProcess(["compare", before, after, "--strict"]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/chunked\/drizzle\/identity\S* has no time in the head: a limit stopped 2 of 3 samples\./);
    expect(stdout).toMatch(/chunked\/prisma\/identity\S* has no time in the head: failed: a row is missing\./);
    expect(stdout).not.toContain("1.00x");
    expect((await benchInProcess(["compare", after, before, "--strict"])).code).toBe(0);
  });

  it.each([
    [["--base", "orm=drizzle"], /nothing to compare: /],
    [["--base", "speed=1", "--candidate", "orm=prisma"], /"speed=1" is not of the form axis=value/],
    [["--base", "orm=drizzle", "--candidate", "orm=knex"], /no pair of cells that differ only in the given axes/],
    [["--base", "orm=drizzle", "--candidate", "orm=prisma", "--alpha", "0"], /from 0\.1 to 10 percent/],
    [
      ["--base", "orm=drizzle", "--candidate", "orm=prisma", "--delta", "0.05"],
      /from 0\.5 to 100 percent, not 0\.05\. Write 5 for 5 %/,
    ],
  ])("refuses %j with the value seen", async (args, said) => {
    const { code, stderr } = await benchInProcess(["compare", slower, ...args]);
    expect(code).toBe(2);
    expect(stderr).toMatch(said);
  });
});
