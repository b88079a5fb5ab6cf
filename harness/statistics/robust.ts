/** Medians, and the paired ratio: Hodges-Lehmann over rounds, because two cells of one round met the same drift. */

/** @throws on an empty list: a median of nothing is not 0 */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error("median of no values");
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * Where the median lies with 95 % confidence, whatever the distribution: the order statistics that the sign test gives.
 * (Conover, Practical Nonparametric Statistics, 3.2)
 * @returns null below 6 values, where not even the extremes hold it with that confidence
 */
export function medianInterval(values: readonly number[]): { readonly low: number; readonly high: number } | null {
  const n = values.length;
  const sorted = values.toSorted((a, b) => a - b);
  // of n fair coins: at most `below` heads, with a probability of at most 2.5 %
  let below = -1;
  let probability = 2 ** -n;
  for (let tail = probability; tail <= 0.025; tail += probability) {
    below += 1;
    probability *= (n - below) / (below + 1);
  }
  const [low, high] = [sorted[below], sorted[n - 1 - below]];
  return low === undefined || high === undefined ? null : { low, high };
}

/**
 * How much slower a candidate is than a base: the Hodges-Lehmann estimate, exp of the median of all Walsh averages of
 * ln(candidate / base) per round.
 * @param pairs times of the same round, any unit
 * @returns null without a pair
 */
export function pairedRatio(pairs: readonly { base: number; candidate: number }[]): number | null {
  if (pairs.length === 0) return null;
  const logs = pairs.map(({ base, candidate }) => Math.log(candidate / base));
  const walsh: number[] = [];
  for (const [i, a] of logs.entries()) for (const b of logs.slice(i)) walsh.push((a + b) / 2);
  return Math.exp(median(walsh));
}

/** A seeded order (Fisher-Yates over mulberry32), the same on every machine. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const result = [...items];
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = next() % (last + 1);
    const moved = result[last] as T;
    result[last] = result[other] as T;
    result[other] = moved;
  }
  return result;
}
