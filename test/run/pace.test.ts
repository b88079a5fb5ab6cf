import { describe, expect, it } from "vitest";
import { wholeJobMs, type ProgressPoint } from "../../harness/run/pace.ts";
import { openTestRuns } from "../support/run.ts";
import { isFull } from "../support/full.ts";

/** Points of a job of 1,000 users that takes `coldMs` for each of the first users and 1 ms for each later one. */
function job(coldUsers: number, coldMs: number, stopAtUser: number): { points: ProgressPoint[]; spentMs: number } {
  const timeOf = (users: number): number => Math.min(users, coldUsers) * coldMs + Math.max(0, users - coldUsers);
  const points = Array.from({ length: stopAtUser / 10 }, (_, index) => (index + 1) * 10).map((usersDone) => ({
    usersDone,
    atMs: timeOf(usersDone),
  }));
  return { points, spentMs: timeOf(stopAtUser) };
}

describe("the estimate of a stopped job", () => {
  it("is the time of the whole job when the pace is steady", () => {
    const { points, spentMs } = job(0, 1, 200);
    expect(wholeJobMs(points, spentMs, 0.2)).toBeCloseTo(1_000, 6);
  });
  it("leaves the cold tenth of the finished part out of the pace", () => {
    const { points, spentMs } = job(20, 8, 200);
    expect(spentMs / 0.2).toBe(1_700);
    expect(wholeJobMs(points, spentMs, 0.2)).toBeCloseTo(1_140, 6);
  });
  it("uses the whole finished part when the job reported no progress before it stopped", () => {
    expect(wholeJobMs([], 500, 0.25)).toBe(2_000);
    expect(wholeJobMs([{ atMs: 500, usersDone: 250 }], 500, 0.25)).toBe(2_000);
  });
  it("is at least half of a steady pace's time, also when all progress is reported at the end", () => {
    const late = [
      { atMs: 499, usersDone: 10 },
      { atMs: 500, usersDone: 100 },
    ];
    expect(wholeJobMs(late, 500, 0.1)).toBe(2_500);
  });
  it("is unknown when nothing is done", () => {
    expect(wholeJobMs([], 500, 0)).toBeNull();
  });
  it.runIf(isFull)("is near the time of a full run of the same cell", async () => {
    await using runs = await openTestRuns("pace");
    const cell = { strategies: ["naive"], orms: ["mysql2"], keys: ["identity"], chunkUsers: [] };
    const full = (await runs.run([cell])).samples[0]?.wallMs ?? 0;
    const [stopped] = (await runs.run([{ ...cell, cellLimitMs: full / 2 }])).samples;
    expect(stopped).toMatchObject({ status: "timed-out", verified: true });
    const ratio = (stopped?.estimatedWallMs ?? 0) / full;
    // other programs change the time of either run, but rarely by more than this
    expect(ratio).toBeGreaterThan(1 / 5);
    expect(ratio).toBeLessThan(5);
  });
});
