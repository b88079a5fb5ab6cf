import { describe, expect, it } from "vitest";
import { readCpuTime, stolenFraction } from "../../harness/probes/steal.ts";

describe("stolen CPU time", () => {
  it("is a fraction of the requested CPU time, without idle time", () => {
    expect(stolenFraction({ wantedMs: 100, stolenMs: 10 }, { wantedMs: 200, stolenMs: 35 })).toBe(0.25);
  });
  it("is unknown without two readings, or when no time passed between them", () => {
    expect(stolenFraction(null, { wantedMs: 1, stolenMs: 0 })).toBeNull();
    expect(stolenFraction({ wantedMs: 5, stolenMs: 1 }, { wantedMs: 5, stolenMs: 1 })).toBeNull();
  });
  it.skipIf(process.platform !== "linux")("comes from kernel counters that only grow", async () => {
    const first = await readCpuTime();
    const second = await readCpuTime();
    expect(first?.wantedMs).toBeGreaterThan(0);
    expect(second?.wantedMs).toBeGreaterThanOrEqual(first?.wantedMs ?? Number.NaN);
  });
});
