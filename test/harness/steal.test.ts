import { describe, expect, it } from "vitest";
import { readCpuTime, stolenShare } from "../../harness/probes/steal.ts";

describe("stolen CPU time", () => {
  it("is a part of the time that was wanted, idle time left out", () => {
    expect(stolenShare({ wanted: 100, stolen: 10 }, { wanted: 200, stolen: 35 })).toBe(0.25);
  });
  it("is unknown without two readings, or when no time has passed", () => {
    expect(stolenShare(null, { wanted: 1, stolen: 0 })).toBeNull();
    expect(stolenShare({ wanted: 5, stolen: 1 }, { wanted: 5, stolen: 1 })).toBeNull();
  });
  it.skipIf(process.platform !== "linux")("is read from the kernel as numbers that only grow", async () => {
    const first = await readCpuTime();
    const second = await readCpuTime();
    expect(first?.wanted).toBeGreaterThan(0);
    expect(second?.wanted).toBeGreaterThanOrEqual(first?.wanted ?? Number.NaN);
  });
});
