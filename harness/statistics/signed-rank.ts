/**
 * Compares candidate and base by pairs of the same round: ratio, interval, verdict. The test is distribution-free: without an
 * effect, each sign of ln(candidate / base) is a fair coin under any drift, because the order in each round is random.
 * Mann-Whitney on blocks of samples would report drift as an effect in a third of the cases.
 */

import { logRatios, pairedRatio, walshAverages, type Pair } from "./pairs.ts";
import type { Interval } from "./quantiles.ts";

export type Verdict = "regressed" | "improved" | "equivalent" | "inconclusive";

export interface Comparison {
  readonly pairs: number;
  /** Hodges-Lehmann: exp of the median of all Walsh averages; above 1 the candidate is slower */
  readonly ratio: number;
  /** pairs in which the candidate took longer, and less long; equal times count in neither */
  readonly slower: number;
  readonly faster: number;
  /** 95 %, not adjusted for the number of comparisons; null with too few pairs */
  readonly interval: Interval | null;
  /** exact one-sided signed-rank p-values, unadjusted */
  readonly pSlower: number;
  readonly pFaster: number;
}

export interface VerdictOptions {
  /** smallest effect that counts; 0.05 is 5 % */
  readonly threshold: number;
  /** one-sided, family-wise */
  readonly alpha: number;
}
export const DEFAULT_VERDICT: VerdictOptions = { threshold: 0.05, alpha: 0.01 };

/**
 * Probability of each sum of these ranks under random signs.
 * @param ranks whole numbers
 */
function signSumProbabilities(ranks: readonly number[]): Float64Array {
  const probabilities = new Float64Array(ranks.reduce((sum, rank) => sum + rank, 0) + 1);
  probabilities[0] = 1;
  let reached = 0;
  for (const rank of ranks) {
    reached += rank;
    for (let sum = reached; sum >= 0; sum -= 1)
      probabilities[sum] = ((probabilities[sum] ?? 0) + (sum >= rank ? (probabilities[sum - rank] ?? 0) : 0)) / 2;
  }
  return probabilities;
}

const cumulative = (probabilities: Float64Array, through: number): number =>
  probabilities.subarray(0, through + 1).reduce((sum, probability) => sum + probability, 0);

const intervalRanks = new Map<string, number>();

/**
 * The rank k of the Walsh averages that bound the interval: the k-th from each end.
 * @param confidence two-sided, 0.95
 * @returns 0 with too few pairs for an interval
 */
export function intervalRank(pairs: number, confidence: number): number {
  const known = intervalRanks.get(`${pairs}/${confidence}`);
  if (known !== undefined) return known;
  const probabilities = signSumProbabilities(Array.from({ length: pairs }, (_, index) => index + 1));
  // the factor keeps a rank whose tail equals the limit except for a rounding error
  const tail = ((1 - confidence) / 2) * (1 + 1e-9);
  let k = 0;
  // a running sum: a new sum for each rank takes hours for thousands of pairs
  for (let below = probabilities[0] ?? 1; below <= tail; below += probabilities[k] ?? 1) k += 1;
  intervalRanks.set(`${pairs}/${confidence}`, k);
  return k;
}

/** @returns null with too few pairs for an interval */
export function ratioInterval(pairs: readonly Pair[], confidence: number): Interval | null {
  const k = intervalRank(pairs.length, confidence);
  const averages = walshAverages(logRatios(pairs));
  const [low, high] = [averages.at(k - 1), averages.at(-k)];
  return k === 0 || low === undefined || high === undefined ? null : { low: Math.exp(low), high: Math.exp(high) };
}

/**
 * Exact one-sided p-values of the signed-rank test with ties: equal differences share a rank; zeros get a rank and are then
 * omitted (Pratt), because they favour neither side.
 */
export function signedRank(differences: readonly number[]): { readonly pPositive: number; readonly pNegative: number } {
  const sorted = differences.toSorted((a, b) => Math.abs(a) - Math.abs(b));
  // doubled, so that shared ranks are whole numbers
  const ranked: { rank: number; difference: number }[] = [];
  for (let from = 0; from < sorted.length;) {
    let to = from;
    while (to < sorted.length && Math.abs(sorted[to] ?? 0) === Math.abs(sorted[from] ?? 0)) to += 1;
    for (const difference of sorted.slice(from, to)) ranked.push({ rank: from + 1 + to, difference });
    from = to;
  }
  const counted = ranked.filter(({ difference }) => difference !== 0);
  const probabilities = signSumProbabilities(counted.map(({ rank }) => rank));
  const sumOf = (sign: number): number =>
    counted.filter(({ difference }) => Math.sign(difference) === sign).reduce((sum, { rank }) => sum + rank, 0);
  // "at least this sum on one side" equals "at most this sum on the other side"
  return { pPositive: cumulative(probabilities, sumOf(-1)), pNegative: cumulative(probabilities, sumOf(1)) };
}

/** @throws Error without pairs */
export function compare(pairs: readonly Pair[]): Comparison {
  const ratio = pairedRatio(pairs);
  if (ratio === null) throw new Error("a comparison needs at least one pair");
  const differences = logRatios(pairs);
  const { pPositive, pNegative } = signedRank(differences);
  return {
    pairs: pairs.length,
    ratio,
    slower: differences.filter((difference) => difference > 0).length,
    faster: differences.filter((difference) => difference < 0).length,
    interval: ratioInterval(pairs, 0.95),
    pSlower: pPositive,
    pFaster: pNegative,
  };
}

/** Holm's step-down adjustment, in the order of the input. */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  const adjusted = pValues.map(() => 1);
  let largest = 0;
  for (const [rank, { p, index }] of order.entries()) {
    largest = Math.max(largest, Math.min(1, p * (pValues.length - rank)));
    adjusted[index] = largest;
  }
  return adjusted;
}

/** The smallest number of pairs with which a family of comparisons can reach the level. */
export const fewestPairs = (comparisons: number, alpha: number): number => Math.ceil(Math.log2(comparisons / alpha));

/**
 * Verdicts of a family of comparisons, with p-values adjusted by Holm. An effect below the threshold counts in neither
 * direction. With too few pairs to find a slowdown, the verdict is `inconclusive`. A single comparison is `regressed` exactly if
 * the lower end of its 98 % interval is above 1.
 */
export function verdicts(
  family: readonly (readonly Pair[])[],
  { threshold, alpha }: VerdictOptions = DEFAULT_VERDICT,
): Verdict[] {
  const compared = family.map((pairs) => compare(pairs));
  const slower = holm(compared.map(({ pSlower }) => pSlower));
  const faster = holm(compared.map(({ pFaster }) => pFaster));
  return compared.map(({ ratio }, index) => {
    if ((slower[index] ?? 1) <= alpha && ratio >= 1 + threshold) return "regressed";
    if ((faster[index] ?? 1) <= alpha && ratio <= 1 / (1 + threshold)) return "improved";
    const pairs = family[index] ?? [];
    if (pairs.length < fewestPairs(family.length, alpha)) return "inconclusive";
    const narrow = ratioInterval(pairs, 0.9);
    const isInside = narrow !== null && narrow.low >= 1 / (1 + threshold) && narrow.high <= 1 + threshold;
    return isInside ? "equivalent" : "inconclusive";
  });
}
