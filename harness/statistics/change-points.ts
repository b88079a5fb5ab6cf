/**
 * Change points of a series by E-divisive with means: the split with the largest energy distance between both sides, tested by
 * random permutations, then the same within each side. Source: Matteson and James, A Nonparametric Approach for Multiple Change Point
 * Analysis of Multivariate Data, JASA 109, 2014. The method assumes no distribution. It assumes that without a change the values
 * could have come in any order.
 */
import { mulberry32 } from "../../lib/random.ts";
import { shuffled } from "./shuffle.ts";

export interface ChangePoint {
  /** position of the first value after the change */
  readonly index: number;
  /** of the permutation test in the segment that the change divides */
  readonly p: number;
}

export interface ChangeOptions {
  /** largest p-value that counts: in a series without a change, the rate of false alarms */
  readonly alpha: number;
  /** of the permutations, so that two readers of one series see the same changes */
  readonly seed?: number;
  /** fewest values on each side of a change */
  readonly minSegment?: number;
}

/** The smallest p-value is 1 / (permutations + 1). At 1 % this leaves room for nine permutations above the observed split. */
const PERMUTATIONS = 999;
/** One value is no segment: its distance to the others is noise. */
const MIN_SEGMENT = 2;

export interface Split {
  /** position of the first value of the right side */
  readonly index: number;
  /** scaled energy distance between both sides */
  readonly statistic: number;
}

/**
 * The best split of the values: n m / (n + m) times (2 mean |x - y| - mean |x - x'| - mean |y - y'|), over all pairs.
 * Sums of distances move with the split, so that all splits together take n^2 / 2 distances.
 * @returns null with too few values for two sides
 */
export function bestSplit(values: readonly number[], minSegment: number = MIN_SEGMENT): Split | null {
  const count = values.length;
  if (count < 2 * minSegment) return null;
  // sums of |a - b| over pairs: inside of the left side, inside of the right side, and between both
  let left = 0;
  let right = 0;
  let between = 0;
  for (let i = 0; i < count; i += 1)
    for (let j = i + 1; j < count; j += 1) right += Math.abs((values[i] ?? 0) - (values[j] ?? 0));
  let best: Split | null = null;
  for (let index = 1; index < count; index += 1) {
    const moved = values[index - 1] ?? 0;
    let toLeft = 0;
    let toRight = 0;
    for (let i = 0; i < index - 1; i += 1) toLeft += Math.abs(moved - (values[i] ?? 0));
    for (let j = index; j < count; j += 1) toRight += Math.abs(moved - (values[j] ?? 0));
    left += toLeft;
    right -= toRight;
    between += toRight - toLeft;
    if (index < minSegment || count - index < minSegment) continue;
    const statistic = energy({ left, right, between }, index, count - index);
    if (best === null || statistic > best.statistic) best = { index, statistic };
  }
  return best;
}

const meanOfPairs = (sum: number, size: number): number => (size < 2 ? 0 : sum / ((size * (size - 1)) / 2));

const energy = (
  sums: { readonly left: number; readonly right: number; readonly between: number },
  n: number,
  m: number,
): number => ((n * m) / (n + m)) * ((2 * sums.between) / (n * m) - meanOfPairs(sums.left, n) - meanOfPairs(sums.right, m));

/** Rounding differs between two orders of the same values; an equal statistic must count as reached. */
const ROUNDING = 1e-9;

/** Stops as soon as the level is out of reach: most segments have no change. */
function permutationP(values: readonly number[], { statistic }: Split, alpha: number, seed: number, minSegment: number): number {
  let reached = 0;
  for (let permutation = 1; permutation <= PERMUTATIONS; permutation += 1) {
    const split = bestSplit(shuffled(values, mulberry32(seed, permutation)), minSegment);
    if (split !== null && split.statistic >= statistic * (1 - ROUNDING)) reached += 1;
    if ((reached + 1) / (PERMUTATIONS + 1) > alpha) return (reached + 1) / (permutation + 1);
  }
  return (reached + 1) / (PERMUTATIONS + 1);
}

/**
 * All change points, in order.
 * @param values for ratios, pass logarithms
 */
export function changePoints(values: readonly number[], options: ChangeOptions): ChangePoint[] {
  const { alpha, seed = 1, minSegment = MIN_SEGMENT } = options;
  const within = (from: number, to: number): ChangePoint[] => {
    const segment = values.slice(from, to);
    const split = bestSplit(segment, minSegment);
    if (split === null || split.statistic <= 0) return [];
    const p = permutationP(segment, split, alpha, seed + from, minSegment);
    if (p > alpha) return [];
    const index = from + split.index;
    return [...within(from, index), { index, p }, ...within(index, to)];
  };
  return within(0, values.length);
}

/** The fewest values that can show a change: two equal halves, whose splits are at most alpha of all orders. */
export function fewestValues(alpha: number, minSegment: number = MIN_SEGMENT): number {
  for (let half = minSegment; ; half += 1) {
    let orders = 1;
    for (let i = 1; i <= half; i += 1) orders = (orders * (half + i)) / i;
    // both halves may lie above the other one
    if (2 / orders <= alpha) return 2 * half;
  }
}
