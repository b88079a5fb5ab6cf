/** Medians, quantiles, means and their intervals. */

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** A typed array sorts numbers without a callback per comparison. */
const ascending = (values: Iterable<number>): Float64Array => Float64Array.from(values).sort();

/** @param sorted ascending, not empty */
export const medianOfSorted = (sorted: Float64Array): number =>
  ((sorted[(sorted.length - 1) >> 1] ?? Number.NaN) + (sorted[sorted.length >> 1] ?? Number.NaN)) / 2;

/** @throws Error for an empty list: a result of 0 would hide missing samples */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error("median of no values");
  return medianOfSorted(ascending(values));
}

/** The median of the known values. @returns null if no value is known */
export function medianOrNull(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : median(known);
}

/**
 * The smallest value that this fraction of the values does not exceed (nearest rank): a value that was measured.
 * @param fraction above 0, at most 1; 0.99 gives the 99th percentile
 * @returns null without values
 */
export function quantile(values: ArrayLike<number> & Iterable<number>, fraction: number): number | null {
  return ascending(values)[Math.ceil(values.length * fraction) - 1] ?? null;
}

/**
 * The distribution-free 95 % interval of the median: the order statistics of the sign test.
 * (Conover, Practical Nonparametric Statistics, 3.2)
 * @returns null below 6 values, where even the extremes do not reach that confidence
 */
export function medianInterval(values: readonly number[]): Interval | null {
  const n = values.length;
  const sorted = ascending(values);
  // of n fair coins: at most `below` heads, with a probability of at most 2.5 %
  let below = -1;
  // 2 ** -n is 0 from 1,075 values on, and the sum of zeros never ended
  let logProbability = -n * Math.LN2;
  for (let tail = Math.exp(logProbability); tail <= 0.025; tail += Math.exp(logProbability)) {
    below += 1;
    logProbability += Math.log((n - below) / (below + 1));
  }
  const [low, high] = [sorted[below], sorted[n - 1 - below]];
  return low === undefined || high === undefined ? null : { low, high };
}

/** @throws Error for an empty list */
export function mean(values: readonly number[]): number {
  if (values.length === 0) throw new Error("mean of no values");
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of a sample. @returns null for fewer than two values */
export function standardDeviation(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}
