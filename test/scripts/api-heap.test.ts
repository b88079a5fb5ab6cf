import { describe, expect, it } from "vitest";
import { slopeOf } from "../../scripts/perf/api-heap.ts";

const EVERY_MS = 1_000;
const readings = (bytesAt: (index: number) => number) =>
  Array.from({ length: 36 }, (_, index) => ({ atMs: index * EVERY_MS, bytes: bytesAt(index) }));
/** Noise without a trend. */
const noise = (index: number): number => ((index * 7_919) % 13) - 6;

describe("the slope of a heap", () => {
  it("is exact for points on a line, with an interval of one point", () => {
    expect(slopeOf(readings((index) => 5_000 + 250 * index))).toEqual({ slope: 0.25, low: 0.25, high: 0.25 });
  });

  it("does not change with a few outliers", () => {
    const { slope } = slopeOf(readings((index) => 5_000 + 250 * index + (index % 12 === 5 ? 1e6 : 0)));
    expect(slope).toBeCloseTo(0.25, 2);
  });

  it("has 0 in its interval only when the heap does not grow", () => {
    const flat = slopeOf(readings((index) => 5_000 + noise(index)));
    expect(flat.low).toBeLessThanOrEqual(0);
    expect(flat.high).toBeGreaterThanOrEqual(0);
    const growing = slopeOf(readings((index) => 5_000 + index + noise(index)));
    expect(growing.low).toBeGreaterThan(0);
    expect(growing.high).toBeLessThan(0.002);
  });
});
