import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRecords, RECORDS_FILE } from "../../harness/results/records.ts";
import { targetUrl } from "../../lib/target.ts";
import { comparisonsOf, exactInterval, page, summaryOf } from "../../scripts/proof/lib/report.ts";
import { openTestSchema } from "../support/database.ts";
import { isFull } from "../support/full.ts";
import { recordedCell, recordedRun, recordedSample } from "../support/records.ts";

const SCRIPT = fileURLToPath(new URL("../../scripts/proof/aa.ts", import.meta.url));

describe("the comparison of code with itself", () => {
  let schema: Awaited<ReturnType<typeof openTestSchema>>;
  let folder: string;
  beforeAll(async () => {
    schema = await openTestSchema("aa");
    folder = await mkdtemp(join(tmpdir(), "aa-"));
  });
  afterAll(async () => {
    await schema[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  const aa = (args: readonly string[], out = folder) =>
    new Promise<{ code: number | null; stdout: string }>((resolve) => {
      const env = { ...process.env, NODE_OPTIONS: "", BENCH_DATABASE_URL: targetUrl(schema.target) };
      const child = execFile(process.execPath, [SCRIPT, "--out", out, ...args], { env }, (_error, stdout) =>
        resolve({ code: child.exitCode, stdout }),
      );
    });

  it.runIf(isFull)("resumes after a stop, also under load, and counts only verdicts of complete comparisons", async () => {
    const first = await aa(["--comparisons", "1", "--pairs", "2"]);
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining("1 comparisons of 2 pairs each. ") });
    const second = await aa(["--comparisons", "2", "--pairs", "2", "--load"]);
    expect(second.stdout).toContain("2 comparisons of 2 pairs each. ");
    const { samples, run } = await readRecords(join(folder, RECORDS_FILE));
    expect(samples.map(({ status }) => status)).toEqual(samples.map(() => "ok"));
    expect(samples).toHaveLength(8);
    expect(run.cells.map(({ side }) => side)).toEqual(["base", "head"]);
    expect(await readFile(join(folder, "aa.md"), "utf8")).toContain("0 false alarms");
  });

  it.runIf(isFull)("detects a slow-down of known size in one side", async () => {
    // seven pairs are the fewest that prove a slow-down; one pair shows that the slower technique runs on one side
    const pairs = isFull ? 7 : 1;
    // on a busy machine a pair of equal samples differed by 128 %
    const out = join(folder, "slower");
    const { code, stdout } = await aa(["--comparisons", "1", "--pairs", String(pairs), "--slower", "1000"], out);
    expect(code).toBe(0);
    expect(stdout).toContain("# The same code against itself with 1000 % more time");
    const results = await readRecords(join(out, RECORDS_FILE));
    const strategyOf = (of: "base" | "head") => results.run.cells.find(({ side }) => side === of)?.strategy;
    expect([strategyOf("base"), strategyOf("head")]).toEqual(["set-based", "slower-1000"]);
    const [compared] = comparisonsOf(results, pairs);
    expect(compared).toMatchObject({ pairs, verdict: isFull ? "regressed" : "inconclusive" });
    expect(stdout).toContain(`**Found in ${isFull ? 1 : 0} of 1**`);
  });

  it("rejects an unknown slow-down", async () => {
    expect((await aa(["--slower", "15"])).code).toBe(2);
  });

  const cells = (["base", "head"] as const).map((side) => ({
    ...recordedCell({ strategy: "naive", orm: "mysql2", side }),
    id: side,
  }));
  const samplesOf = (timesOf: (round: number) => { base: number | null; head: number }) =>
    Array.from({ length: 15 }, (_, index) => index + 1).flatMap((round) =>
      cells.map((cell) => {
        const wallMs = timesOf(round)[cell.side ?? "base"];
        return recordedSample(cell, round, wallMs === null ? { status: "failed", wallMs } : { wallMs });
      }),
    );

  it("counts a regressed verdict as an alarm, and ignores a truncated comparison", () => {
    const results = recordedRun(
      cells,
      samplesOf((round) => ({ base: 100, head: round <= 7 ? 200 : 100 })),
    );
    expect(comparisonsOf(results, 7).map(({ verdict }) => verdict)).toEqual(["regressed", "equivalent"]);
    expect(summaryOf(results, { comparisons: 300, pairs: 7 })).toMatchObject({ alarms: 1, comparisons: 2, planned: 300 });
  });

  it("excludes a comparison with a failed sample, and keeps the rounds of the others", () => {
    const results = recordedRun(
      cells,
      samplesOf((round) => ({ base: round === 3 ? null : 100, head: round <= 7 ? 100 : 200 })),
    );
    const summary = summaryOf(results, { comparisons: 2, pairs: 7 });
    expect(summary).toMatchObject({ alarms: 1, comparisons: 1, broken: 1, ratio: 2 });
    expect(page(results, summary)).toContain("1 comparisons of 7 pairs each; 1 more left out, because a sample failed. ");
  });

  it.each([
    // Clopper-Pearson interval from the beta quantiles of SciPy 1
    [0, 300, 0, 0.012221],
    [3, 300, 0.002067, 0.028945],
    [8, 300, 0.011586, 0.051866],
    [300, 300, 0.987779, 1],
  ])("gives the exact interval of %i of %i", (found, of, low, high) => {
    const interval = exactInterval(found, of);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });
});
