import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { timeAtRtt } from "../../harness/recommend/timing.ts";
import { atSize } from "../../harness/recommend/size.ts";
import { candidatesOf, type Candidate } from "../../harness/recommend/candidate.ts";
import { around, evidence, question } from "./evidence.ts";

const CHAIN = 400;
const ADDED = [0, 1, 4];
/** Calibration adds the latency of the proxy itself. */
const total = (added: number): number => added + 0.2;

const sweep = (baseMs: number, chain = CHAIN) =>
  evidence(
    "sweep",
    ADDED.map((addedRttMs) => ({
      cell: { strategy: "batch", orm: "lib", chunkUsers: 500, addedRttMs },
      wallMs: around(baseMs + chain * total(addedRttMs)),
      sample: { roundTripChain: chain, roundTrips: chain, statements: chain },
    })),
    { rtt: ADDED.map((requestedMs) => ({ requestedMs, roundTripMs: total(requestedMs), addedMs: requestedMs })) },
  );

const single = (statements: number | null, rttMs: number | null = 0.1) => {
  const run = evidence("single", [{ cell: { strategy: "batch", orm: "lib" }, wallMs: around(5_000), sample: { statements } }]);
  run.results.run.environment.server.rttMs = rttMs;
  return run;
};

describe("the time at a round-trip time", () => {
  it("is the measured one when the question has none", () => {
    const run = sweep(5_000);
    expect(timeAtRtt(run.results, run.summaries, null)).toMatchObject({
      basis: "measured",
      cells: ["batch/lib/identity/chunk=500/rtt=0"],
    });
  });

  it("is measured where a difference in distance is negligible", () => {
    const run = sweep(5_000);
    expect(timeAtRtt(run.results, run.summaries, 1.3)).toMatchObject({
      basis: "measured",
      cells: ["batch/lib/identity/chunk=500/rtt=1"],
    });
  });

  it("follows the line of the measured distances at every distance between them", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000, max: 60_000 }),
        fc.integer({ min: 200, max: 5_000 }),
        fc.double({ min: total(0), max: total(4), noNaN: true }),
        (baseMs, chain, rttMs) => {
          const run = sweep(baseMs, chain);
          const timing = timeAtRtt(run.results, run.summaries, rttMs);
          expect(timing?.basis).not.toBe("estimated");
          expect((timing?.ms ?? 0) / (baseMs + chain * rttMs)).toBeCloseTo(1, 1);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("is an estimate beyond the measured distances, with the counted chain", () => {
    const run = sweep(5_000);
    const timing = timeAtRtt(run.results, run.summaries, 20);
    expect(timing?.basis).toBe("estimated");
    expect(timing?.ms).toBeCloseTo(5_000 + CHAIN * 20, -3);
    expect(timing?.notes.join()).toMatch(/400 round trips x 15\.8|400 round trips x 16 ms/);
  });

  it("is an estimate from statements without a proxy", () => {
    const { results, summaries } = single(1_000);
    expect(timeAtRtt(results, summaries, 2.1)).toMatchObject({
      basis: "estimated",
      notes: [expect.stringMatching(/plus 1,000 statements x 2\.00 ms/)],
    });
  });

  it("does not exist when the distance of the run or the number of statements is unknown", () => {
    const [far, uncounted] = [single(1_000, null), single(null)];
    expect(timeAtRtt(far.results, far.summaries, 2)).toBeNull();
    expect(timeAtRtt(uncounted.results, uncounted.summaries, 2)).toBeNull();
  });

  it("does not exist for statements that overlap, except at the measured distance", () => {
    // 100,000 x 0.1 ms are 10 s, and the job took 5 s
    const { results, summaries } = single(100_000);
    for (const rttMs of [0, 0.05, 2]) expect(timeAtRtt(results, summaries, rttMs)).toBeNull();
    expect(timeAtRtt(results, summaries, 0.1)?.basis).toBe("measured");
  });
});

describe("the time at a size", () => {
  const sized = (folder: string, orders: number, ms: number, rowsWritten: number): Candidate => {
    const run = evidence(folder, [{ cell: { strategy: "batch", orm: "lib" }, wallMs: around(ms), sample: { rowsWritten } }]);
    const { dataset } = run.results.run;
    run.results.run.dataset = { ...dataset, orders };
    const [candidate] = candidatesOf(run, question(), () => false);
    if (candidate === undefined) throw new Error("no candidate");
    return candidate;
  };
  const small = sized("small", 100_000, 1_000, 27_000);
  const large = sized("large", 1_000_000, 10_000, 270_000);

  it("lies between two measured sizes, and names both runs", () => {
    const [found] = atSize([large], [small], { wanted: 550_000, unit: "orders" });
    expect(found).toMatchObject({ isScaled: true, orders: 550_000, rows: (27_000 + 270_000) / 2 });
    const { timing } = found ?? large;
    expect(timing.basis).toBe("interpolated");
    expect(timing.ms).toBeCloseTo((small.timing.ms + large.timing.ms) / 2, 6);
    expect(timing.notes.join()).toMatch(/100,000 \(small\) and 1,000,000 orders \(large\)/);
  });

  it("is not scaled outside of the measured sizes", () => {
    const [found] = atSize([large], [small], { wanted: 300_000, unit: "written rows" });
    expect(found).toMatchObject({ isScaled: false, rows: 270_000, timing: { ms: large.timing.ms } });
    expect(found?.timing.notes).toEqual(["measured with 270,000 written rows; not scaled to 300,000"]);
  });

  it("is the measured one when the size is that of the run", () => {
    expect(atSize([large], [small], { wanted: 1_000_000, unit: "orders" })).toEqual([large]);
    expect(atSize([large], [small], null)).toEqual([large]);
  });

  it("is that of no technique when one of them has a single size", () => {
    const other = { ...small, id: "other" };
    const found = atSize([small, other], [large], { wanted: 550_000, unit: "orders" });
    expect(found.map(({ isScaled, timing }) => [isScaled, timing.ms])).toEqual([
      [false, small.timing.ms],
      [false, small.timing.ms],
    ]);
    expect(found[0]?.timing.notes.join()).toMatch(/not scaled to 550,000, because not every technique/);
  });
});
