import { readFile } from "node:fs/promises";
import { mulberry32 } from "../../lib/random.ts";
import { describe, expect, it } from "vitest";
import {
  compare,
  fewestPairs,
  holm,
  intervalRank,
  ratioInterval,
  signedRank,
  verdicts,
} from "../../harness/statistics/signed-rank.ts";
import type { Pair } from "../../harness/statistics/pairs.ts";
import { variants } from "../support/full.ts";

interface Fixtures {
  readonly cases: readonly { base: number[]; candidate: number[]; ratio: number; pSlower: number; pFaster: number }[];
  readonly ties: readonly { differences: number[]; pPositive: number; pNegative: number }[];
}
/** Computed by SciPy (comparison.py in this folder). */
const fixtures = JSON.parse(await readFile(new URL("./fixtures/comparison.json", import.meta.url), "utf8")) as Fixtures;
const pairsOf = ({ base, candidate }: Fixtures["cases"][number]): Pair[] =>
  base.map((time, index) => ({ base: time, candidate: candidate[index] ?? Number.NaN }));

/** A seeded uniform generator: the noise is the same on every machine. */
function generator(seed: number): () => number {
  let draws = 0;
  return () => mulberry32(seed, draws++) / 2 ** 32;
}
const normal = (random: () => number): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

describe("the comparison of two cells", () => {
  it("has the Hodges-Lehmann ratio and the exact p-values that SciPy computes", () => {
    expect(fixtures.cases.length).toBeGreaterThan(30);
    for (const fixture of fixtures.cases) {
      const { ratio, pSlower, pFaster } = compare(pairsOf(fixture));
      expect(ratio).toBeCloseTo(fixture.ratio, 10);
      expect(pSlower).toBeCloseTo(fixture.pSlower, 10);
      expect(pFaster).toBeCloseTo(fixture.pFaster, 10);
    }
  });

  it("counts ties and zeros exactly, like an enumeration of all signs", () => {
    for (const { differences, pPositive, pNegative } of fixtures.ties) {
      const found = signedRank(differences);
      expect(found.pPositive).toBeCloseTo(pPositive, 12);
      expect(found.pNegative).toBeCloseTo(pNegative, 12);
    }
  });

  it.each([
    [0.95, { 6: 1, 7: 3, 8: 4, 10: 9, 12: 14, 15: 26, 20: 53, 30: 138 }],
    [0.98, { 7: 1, 8: 2, 10: 6, 12: 10, 15: 20, 20: 44, 30: 121 }],
  ])("bounds its %f interval by the published ranks", (confidence, ranks) => {
    for (const [pairs, rank] of Object.entries(ranks))
      expect([pairs, intervalRank(Number(pairs), confidence)]).toEqual([pairs, rank]);
  });

  it("has an interval of exactly the factors that the test at its level does not reject", () => {
    const withInterval = fixtures.cases.filter(({ base }) => base.length >= 6);
    expect(withInterval.length).toBeGreaterThan(20);
    for (const fixture of withInterval) {
      const pairs = pairsOf(fixture);
      const interval = ratioInterval(pairs, 0.95);
      const after = (factor: number) =>
        signedRank(pairs.map(({ base, candidate }) => Math.log(candidate) - Math.log(base) - Math.log(factor)));
      const [low, high] = [interval?.low ?? Number.NaN, interval?.high ?? Number.NaN];
      const step = 1e-9;
      expect(after(low * (1 - step)).pPositive).toBeLessThanOrEqual(0.025 * (1 + step));
      expect(after(low * (1 + step)).pPositive).toBeGreaterThan(0.025);
      expect(after(high * (1 + step)).pNegative).toBeLessThanOrEqual(0.025 * (1 + step));
      expect(after(high * (1 - step)).pNegative).toBeGreaterThan(0.025);
    }
  });

  it("agrees with the normal approximation for a thousand pairs", () => {
    const pairs = 1_000;
    const near = (pairs * (pairs + 1)) / 4 - 1.95996 * Math.sqrt((pairs * (pairs + 1) * (2 * pairs + 1)) / 24);
    expect(Math.abs(intervalRank(pairs, 0.95) / near - 1)).toBeLessThan(0.002);
  });

  it("reports that no 95 % interval exists below six pairs", () => {
    const five = fixtures.cases.filter(({ base }) => base.length === 5);
    for (const fixture of five) expect(compare(pairsOf(fixture)).interval).toBeNull();
    expect(ratioInterval([], 0.95)).toBeNull();
  });

  it("covers the true ratio about as often as its level states", () => {
    const random = generator(1);
    const tries = 2_000;
    let covered = 0;
    for (let trial = 0; trial < tries; trial += 1) {
      const pairs = Array.from({ length: 10 }, () => ({ base: 1, candidate: 1.2 * Math.exp(0.1 * normal(random)) }));
      const interval = ratioInterval(pairs, 0.95);
      if (interval !== null && interval.low <= 1.2 && interval.high >= 1.2) covered += 1;
    }
    expect(covered / tries).toBeGreaterThan(0.94);
    expect(covered / tries).toBeLessThan(0.97);
  });
});

describe("Holm's adjustment", () => {
  it("multiplies the smallest p-value most, keeps the order and never exceeds 1", () => {
    for (const [index, value] of holm([0.01, 0.04, 0.03, 0.005]).entries())
      expect(value).toBeCloseTo([0.03, 0.06, 0.06, 0.02][index] ?? Number.NaN, 12);
    expect(holm([0.6, 0.9])).toEqual([1, 1]);
    expect(holm([])).toEqual([]);
  });
  it("requires enough pairs to make the smallest possible p-value significant", () => {
    expect(fewestPairs(1, 0.01)).toBe(7);
    expect(fewestPairs(20, 0.01)).toBe(11);
  });
});

describe("a verdict", () => {
  const constant = (ratio: number, pairs: number): Pair[] =>
    Array.from({ length: pairs }, (_, i) => ({ base: i + 1, candidate: (i + 1) * ratio }));
  it.each([
    ["a constant slow-down of 20 %", 1.2, 15, "regressed"],
    ["a constant speed-up of 20 %", 1 / 1.2, 15, "improved"],
    ["no difference", 1, 15, "equivalent"],
    ["a difference below the threshold", 1.03, 15, "equivalent"],
    ["a slow-down in too few pairs", 1.2, 6, "inconclusive"],
    ["no difference in too few pairs to detect one", 1, 6, "inconclusive"],
  ] as const)("for %s", (_, ratio, pairs, wanted) => {
    expect(verdicts([constant(ratio, pairs)])).toEqual([wanted]);
  });
  it("is regressed for one comparison exactly when the 98 % interval is above 1 and the ratio above the threshold", () => {
    for (const fixture of fixtures.cases) {
      const pairs = pairsOf(fixture);
      const interval = ratioInterval(pairs, 0.98);
      const wanted = interval !== null && interval.low > 1 && compare(pairs).ratio >= 1.05;
      expect(verdicts([pairs])[0] === "regressed").toBe(wanted);
    }
  });
  it("needs more evidence for many comparisons than for one", () => {
    const eight = constant(1.2, 8);
    expect(verdicts([eight])).toEqual(["regressed"]);
    expect(new Set(verdicts(Array.from({ length: 20 }, () => eight)))).toEqual(new Set(["inconclusive"]));
  });
});

/** Machine noise over the slots of a run, as factors around 1. */
const NOISES: Readonly<Record<string, (slots: number, random: () => number) => number[]>> = {
  "independent noise": (slots, random) => Array.from({ length: slots }, () => Math.exp(0.05 * normal(random))),
  "noise that remembers (AR 1, 0.9)": (slots, random) => {
    let state = 0;
    return Array.from({ length: slots }, () => Math.exp((state = 0.9 * state + 0.05 * normal(random))));
  },
  "a step in the middle": (slots, random) =>
    Array.from({ length: slots }, (_, slot) => (slot < slots / 2 ? 1 : 1.5) * Math.exp(0.02 * normal(random))),
  "a steady drift": (slots, random) =>
    Array.from({ length: slots }, (_, slot) => (1 + slot / slots) * Math.exp(0.02 * normal(random))),
};

/** A round takes two slots in random order. */
function simulate(
  rounds: number,
  effect: number,
  noise: (slots: number, random: () => number) => number[],
  random: () => number,
): Pair[] {
  const factors = noise(rounds * 2, random);
  return Array.from({ length: rounds }, (_, round) => {
    const [first = 1, second = 1] = [factors[round * 2], factors[round * 2 + 1]];
    return random() < 0.5 ? { base: first, candidate: effect * second } : { base: second, candidate: effect * first };
  });
}

/** No threshold on the effect size: only the statistical test prevents false alarms. */
const ANY_EFFECT = { threshold: 1e-9, alpha: 0.01 };

/** Fractions of `regressed` and `improved` among comparisons of the same code. */
function falseAlarms(rounds: number, noise: string, tries: number): { regressed: number; improved: number } {
  const random = generator(rounds);
  const makeNoise = NOISES[noise] ?? (() => []);
  const found = { regressed: 0, improved: 0 };
  for (let trial = 0; trial < tries; trial += 1) {
    const [verdict] = verdicts([simulate(rounds, 1, makeNoise, random)], ANY_EFFECT);
    if (verdict === "regressed" || verdict === "improved") found[verdict] += 1;
  }
  return { regressed: found.regressed / tries, improved: found.improved / tries };
}

describe("the gate's promise", () => {
  const TRIES = 1_500;
  // at a true rate of 1 %, more than 1.8 % of 1,500 trials has a probability of one in a thousand
  const MOST_FALSE_ALARMS = 0.018;

  const ROUNDS = [...Array.from({ length: 14 }, (_, index) => index + 7), 30];
  const noises = Object.keys(NOISES);
  const everyAlarm = noises.flatMap((noise) => ROUNDS.map((rounds) => [noise, rounds] as const));
  /** The critical rank differs by the number of rounds, and the noise does not change the rank: so the noises take turns. */
  const inTurn = ([noise, rounds]: readonly [string, number]): boolean =>
    noises.indexOf(noise) === ROUNDS.indexOf(rounds) % noises.length;
  it.each(variants(everyAlarm, inTurn))("holds with few false alarms under %s with %i rounds", (noise, rounds) => {
    const { regressed, improved } = falseAlarms(rounds, noise, TRIES);
    expect(regressed).toBeLessThan(MOST_FALSE_ALARMS);
    expect(improved).toBeLessThan(MOST_FALSE_ALARMS);
  });

  it("holds for a whole family of five comparisons", () => {
    const random = generator(5);
    const noise = NOISES["noise that remembers (AR 1, 0.9)"] ?? (() => []);
    let families = 0;
    for (let trial = 0; trial < TRIES; trial += 1)
      if (verdicts(Array.from({ length: 5 }, () => simulate(10, 1, noise, random))).includes("regressed")) families += 1;
    expect(families / TRIES).toBeLessThan(MOST_FALSE_ALARMS);
  });

  it.each([
    [10, 0.78],
    [15, 0.94],
    [20, 0.98],
  ])("detects 10 % more time at 3 % noise, with %i rounds, in a fraction of at least %f of the trials", (rounds, power) => {
    const random = generator(rounds);
    const noise = (slots: number): number[] => Array.from({ length: slots }, () => Math.exp(0.03 * normal(random)));
    let found = 0;
    for (let trial = 0; trial < TRIES; trial += 1)
      if (verdicts([simulate(rounds, 1.1, noise, random)])[0] === "regressed") found += 1;
    expect(found / TRIES).toBeGreaterThanOrEqual(power);
  });
});
