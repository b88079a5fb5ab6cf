/**
 * Extends the finished part of a stopped job to the whole job. The first tenth of the finished part is slower: caches are cold and
 * code is not yet compiled. With it, estimates were 1.3 to 1.4 times as long as full runs at the median.
 */

/** Progress of the job at one time of bench's clock. */
export interface ProgressPoint {
  readonly atMs: number;
  readonly usersDone: number;
}

const COLD_FRACTION = 0.1;
/** The measured process reports its progress. Late reports must not make a job of minutes one of seconds. */
const MAX_WARM_UP_GAIN = 2;

/**
 * @param spentMs until the job stopped
 * @param doneFraction of all rows
 * @returns the estimated time of the whole job; null when nothing is done
 */
export function wholeJobMs(points: readonly ProgressPoint[], spentMs: number, doneFraction: number): number | null {
  if (doneFraction === 0) return null;
  const usersDone = points.at(-1)?.usersDone ?? 0;
  // the last report can be older than the stop: users that finished after it count for neither side
  const warm = points.find((point) => point.usersDone >= usersDone * COLD_FRACTION && point.usersDone < usersDone);
  const last = points.at(-1);
  const steadyMs = spentMs / doneFraction;
  if (warm === undefined || last === undefined || last.atMs <= warm.atMs) return steadyMs;
  const warmFraction = doneFraction * (1 - warm.usersDone / usersDone);
  const warmMs = spentMs + ((1 - doneFraction) * (last.atMs - warm.atMs)) / warmFraction;
  return Math.max(warmMs, steadyMs / MAX_WARM_UP_GAIN);
}
