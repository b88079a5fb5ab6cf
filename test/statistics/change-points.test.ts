import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bestSplit, changePoints, fewestValues } from "../../harness/statistics/change-points.ts";
import { randomOf } from "./normal.ts";

/** Annual flow of the Nile at Aswan in 10^8 m^3, 1871 to 1970: a published series with one known change, after 1898. */
const NILE = [
  1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958, 1140, 1100, 1210,
  1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020, 1050, 969, 831, 726, 456, 824, 702, 1120,
  1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040, 759, 781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649,
  846, 812, 742, 801, 1040, 860, 874, 848, 890, 744, 749, 838, 1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746,
  919, 718, 714, 740,
];
const FIRST_YEAR = 1871;

/** The definition, without moving sums. */
function energyByDefinition(left: readonly number[], right: readonly number[]): number {
  const meanPairs = (values: readonly number[]): number => {
    const distances = values.flatMap((a, i) => values.slice(i + 1).map((b) => Math.abs(a - b)));
    return distances.length === 0 ? 0 : distances.reduce((sum, each) => sum + each, 0) / distances.length;
  };
  const across = left.flatMap((a) => right.map((b) => Math.abs(a - b)));
  const [n, m] = [left.length, right.length];
  const mean = across.reduce((sum, each) => sum + each, 0) / (n * m);
  return ((n * m) / (n + m)) * (2 * mean - meanPairs(left) - meanPairs(right));
}

describe("the best split of a series", () => {
  it("has the energy distance of its definition, and no other split has a larger one", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 4, maxLength: 30 }), (values) => {
        const split = bestSplit(values);
        const all = Array.from({ length: values.length - 3 }, (_, i) =>
          energyByDefinition(values.slice(0, i + 2), values.slice(i + 2)),
        );
        expect(split?.statistic).toBeCloseTo(Math.max(...all), 6);
        expect(energyByDefinition(values.slice(0, split?.index), values.slice(split?.index))).toBeCloseTo(
          split?.statistic ?? 0,
          6,
        );
      }),
    );
  });

  it("is 2 for two zeros and two ones", () => {
    // 2 x 2 / 4 times (2 x 1 - 0 - 0)
    expect(bestSplit([0, 0, 1, 1])).toEqual({ index: 2, statistic: 2 });
  });

  it("does not exist for three values", () => {
    expect(bestSplit([1, 2, 3])).toBeNull();
  });
});

describe("change points", () => {
  it("are one in the flow of the Nile, with 1899 as the first year of the new level", () => {
    expect(NILE).toHaveLength(100);
    const found = changePoints(NILE, { alpha: 0.01 });
    expect(found.map(({ index }) => FIRST_YEAR + index)).toEqual([1899]);
    expect(found[0]?.p).toBe(0.001);
  });

  it("are all found in a series with three levels, at their exact places", () => {
    const noise = randomOf(7);
    const levels = [
      ...Array.from({ length: 20 }, () => 100),
      ...Array.from({ length: 15 }, () => 130),
      ...Array.from({ length: 20 }, () => 90),
    ];
    const found = changePoints(
      levels.map((level) => level + 2 * noise()),
      { alpha: 0.01 },
    );
    expect(found.map(({ index }) => index)).toEqual([20, 35]);
  });

  it("move with the values and their scale, and mirror with their order", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.integer({ min: 8, max: 16 }),
        fc.integer({ min: 8, max: 16 }),
        (seed, before, after) => {
          const noise = randomOf(seed);
          const values = Array.from({ length: before + after }, (_, i) => (i < before ? 0 : 50) + noise());
          const at = (series: readonly number[]): number[] => changePoints(series, { alpha: 0.01 }).map(({ index }) => index);
          expect(at(values)).toContain(before);
          expect(at(values.map((value) => 3 * value + 1_000))).toContain(before);
          expect(at(values.toReversed())).toContain(after);
        },
      ),
      { numRuns: 20 },
    );
  });

  it("appear in constant noise at most at the stated rate", () => {
    const SERIES = 400;
    const ALPHA = 0.05;
    const alarms = Array.from({ length: SERIES }, (_, seed) => {
      const noise = randomOf(seed + 1);
      return changePoints(
        Array.from({ length: 20 }, () => 1 + 0.03 * noise()),
        { alpha: ALPHA, seed },
      ).length;
    }).filter((count) => count > 0).length;
    // 5 % of 400 are 20; a correct test exceeds 36 in one of 4,000 tries
    expect(alarms).toBeLessThanOrEqual(36);
    // a test that never alarms proves nothing
    expect(alarms).toBeGreaterThan(4);
  });

  it("need enough values for the level, and never appear with fewer", () => {
    expect([fewestValues(0.05), fewestValues(0.01)]).toEqual([8, 10]);
    expect(changePoints([1, 1, 1, 1, 9, 9, 9, 9], { alpha: 0.01 })).toEqual([]);
    expect(changePoints([1, 1.01, 1.02, 1.03, 1.04, 9, 9.01, 9.02, 9.03, 9.04], { alpha: 0.01 })).toMatchObject([{ index: 5 }]);
  });
});
