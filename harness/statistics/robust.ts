/** Medians, and the paired ratio by Hodges-Lehmann over rounds: drift of the machine affects both cells of a round equally. */

/** @throws Error for an empty list: a result of 0 would hide missing samples */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error("median of no values");
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * The distribution-free 95 % interval of the median: the order statistics of the sign test.
 * (Conover, Practical Nonparametric Statistics, 3.2)
 * @returns null below 6 values, where even the extremes do not reach that confidence
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
 * The ratio of candidate to base by the Hodges-Lehmann estimate: exp of the median of all Walsh averages of
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

/** A seeded shuffle (Fisher-Yates over mulberry32), with the same order on every machine. */
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
