import { describe, expect, it } from "vitest";
import { timedSamples } from "../../harness/results/timed-samples.ts";
import { logSpread, pairedRatio, pairsByRound } from "../../harness/statistics/pairs.ts";
import { mean, median, medianInterval, medianOrNull, quantile, standardDeviation } from "../../harness/statistics/quantiles.ts";
import { shuffled } from "../../harness/statistics/shuffle.ts";
import { recordedCell, recordedSample, timedOut, wrong } from "../support/records.ts";

describe("the median", () => {
  it("is the middle value, or the mean of the two in the middle", () => {
    expect(median([5, 1, 9])).toBe(5);
    expect(median([4, 1, 9, 2])).toBe(3);
  });
  it("is an error, not 0, without values", () => {
    expect(() => median([])).toThrow("median of no values");
  });
  it("of known values leaves out the unknown ones, and is unknown without any", () => {
    expect(medianOrNull([null, 4, null, 1, 9, 2])).toBe(3);
    expect(medianOrNull([null])).toBeNull();
    expect(medianOrNull([])).toBeNull();
  });
});

describe("a quantile", () => {
  const values = Array.from({ length: 200 }, (_, index) => 200 - index);
  it("is the smallest value that the fraction does not exceed", () => {
    expect([0.005, 0.5, 0.99, 0.991, 1].map((fraction) => quantile(values, fraction))).toEqual([1, 100, 198, 199, 200]);
    expect(quantile([7], 0.5)).toBe(7);
  });
  it("takes numbers of a typed array, and leaves their order as it was", () => {
    const taken = new Float64Array([30, 10, 20]);
    expect(quantile(taken, 0.5)).toBe(20);
    expect([...taken]).toEqual([30, 10, 20]);
  });
  it("of nothing is unknown", () => {
    expect(quantile([], 0.99)).toBeNull();
  });
});

describe("mean and standard deviation", () => {
  it("are those of a sample", () => {
    expect(mean([2, 4, 4, 4, 5, 5, 7, 9])).toBe(5);
    expect(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7), 12);
  });
  it("are an error and unknown where there are too few values", () => {
    expect(() => mean([])).toThrow("mean of no values");
    expect(standardDeviation([3])).toBeNull();
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
  it.each([1_000, 1_075, 10_000])("of %i values has the ranks of the normal approximation", (n) => {
    const { low, high } = medianInterval(values(n)) ?? { low: 0, high: 0 };
    expect(Math.abs(low - (n / 2 - 0.98 * Math.sqrt(n)))).toBeLessThan(2);
    expect(low + high).toBe(n + 1);
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

describe("pairs by round", () => {
  it("hold the rounds in which both sides have a time, whatever their order", () => {
    const base = [
      { round: 2, wallMs: 20 },
      { round: 1, wallMs: 10 },
      { round: 3, wallMs: null },
    ];
    const candidate = [1, 2, 3, 4].map((round) => ({ round, wallMs: round * 11 }));
    expect(pairsByRound(base, candidate)).toEqual([
      { base: 10, candidate: 11 },
      { base: 20, candidate: 22 },
    ]);
    expect(pairsByRound(candidate, base)).toEqual([
      { base: 22, candidate: 20 },
      { base: 11, candidate: 10 },
    ]);
  });
  it("hold no time of a cell with a wrong result", () => {
    const cell = recordedCell({ strategy: "chunked", orm: "mysql2" });
    const right = recordedSample(cell, 1, { wallMs: 10 });
    expect(timedSamples([right, recordedSample(cell, 2, timedOut())])).toEqual([right]);
    expect(timedSamples([right, recordedSample(cell, 2, wrong("a row is missing"))])).toEqual([]);
  });
});

describe("the spread of pairs", () => {
  it("is the median of their logarithmic differences, in whichever direction", () => {
    const pairs = [2, 1 / 4, 8].map((candidate) => ({ base: 1, candidate }));
    expect(logSpread(pairs)).toBeCloseTo(Math.log(4), 12);
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
