/** Pairs of the same round and their ratios: drift of the machine affects both times of a round equally. */
import { median, medianOfSorted } from "./quantiles.ts";

/** Times of one round, in any unit. */
export interface Pair {
  readonly base: number;
  readonly candidate: number;
}

interface Timed {
  readonly round: number;
  /** null: the sample has no time */
  readonly wallMs: number | null;
}

/** Pairs of the rounds in which both sides have a time, in the candidate's order. */
export function pairsByRound(base: readonly Timed[], candidate: readonly Timed[]): Pair[] {
  const baseTimes = new Map(base.map(({ round, wallMs }) => [round, wallMs]));
  return candidate.flatMap(({ round, wallMs }) => {
    const baseMs = baseTimes.get(round) ?? null;
    return baseMs === null || wallMs === null ? [] : [{ base: baseMs, candidate: wallMs }];
  });
}

export const logRatios = (pairs: readonly Pair[]): number[] => pairs.map(({ base, candidate }) => Math.log(candidate / base));

/** All pairwise means, including each value with itself, ascending. A typed array sorts without a callback per comparison. */
export function walshAverages(differences: readonly number[]): Float64Array {
  const averages = new Float64Array((differences.length * (differences.length + 1)) / 2);
  let next = 0;
  for (const [i, a] of differences.entries())
    for (let j = i; j < differences.length; j += 1) {
      averages[next] = (a + (differences[j] ?? a)) / 2;
      next += 1;
    }
  return averages.sort();
}

/**
 * The ratio of candidate to base by the Hodges-Lehmann estimate: exp of the median of all Walsh averages of
 * ln(candidate / base) per round.
 * @returns null without a pair
 */
export const pairedRatio = (pairs: readonly Pair[]): number | null =>
  pairs.length === 0 ? null : Math.exp(medianOfSorted(walshAverages(logRatios(pairs))));

/** How much the two times of a pair differ: the median of |ln(candidate / base)|. Half of the pairs differ by more. */
export const logSpread = (pairs: readonly Pair[]): number => median(logRatios(pairs).map(Math.abs));
