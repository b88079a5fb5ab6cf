import { describe, expect, it } from "vitest";
import { median, medianInterval, pairedRatio, shuffled } from "../../harness/statistics/robust.ts";

describe("the median", () => {
  it("is the middle value, or the mean of the two in the middle", () => {
    expect(median([5, 1, 9])).toBe(5);
    expect(median([4, 1, 9, 2])).toBe(3);
  });
  it("is an error, not 0, without values", () => {
    expect(() => median([])).toThrow("median of no values");
  });
});

describe("the interval of the median", () => {
  const values = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);
  // the ranks for 95 % from tables of the sign test (Conover, table A3; Wilcox, section 4.6)
  it.each([
    [6, 1, 6],
    [8, 1, 8],
    [9, 2, 8],
    [10, 2, 9],
    [15, 4, 12],
    [20, 6, 15],
    [25, 8, 18],
  ])("of %i values lies between the %i. and the %i.", (n, low, high) => {
    expect(medianInterval(shuffled(values(n), n))).toEqual({ low, high });
  });
  it.each([0, 1, 5])("does not exist for %i values", (n) => {
    expect(medianInterval(values(n))).toBeNull();
  });
});

describe("the paired ratio", () => {
  it("is 1 for equal times under any drift between rounds", () => {
    expect(pairedRatio([10, 100, 7, 3].map((t) => ({ base: t, candidate: t })))).toBe(1);
  });
  it("finds a constant factor through drift", () => {
    expect(pairedRatio([10, 80, 20, 40, 15].map((t) => ({ base: t, candidate: t * 1.25 })))).toBeCloseTo(1.25, 12);
  });
  it("is the Hodges-Lehmann estimate: exp of the median of all pairwise means of the logarithms", () => {
    // ratios 1, 2, 8: the six Walsh averages of ln are 0, .5, 1.5, 1, 2, 3 (times ln 2), their median is 1.25
    const pairs = [1, 2, 8].map((candidate) => ({ base: 1, candidate }));
    expect(pairedRatio(pairs)).toBeCloseTo(2 ** 1.25, 12);
  });
  it("is unknown without a pair", () => {
    expect(pairedRatio([])).toBeNull();
  });
});

describe("the order of cells in a round", () => {
  const cells = ["a", "b", "c", "d", "e", "f"];
  it("contains every cell once", () => {
    for (let seed = 0; seed < 50; seed += 1) expect(shuffled(cells, seed).toSorted()).toEqual(cells);
  });
  it("is the same for the same seed on every machine", () => {
    expect(shuffled(cells, 1)).toEqual(shuffled(cells, 1));
    expect(shuffled(cells, 42).join("")).toBe("bdcefa");
  });
  it("puts every cell in every position about equally often", () => {
    const first = new Map<string, number>();
    const seeds = 6_000;
    for (let seed = 0; seed < seeds; seed += 1) {
      const [cell = ""] = shuffled(cells, seed);
      first.set(cell, (first.get(cell) ?? 0) + 1);
    }
    for (const count of first.values()) expect(Math.abs(count - seeds / 6)).toBeLessThan(150);
  });
});
