/**
 * time = base + chain x round-trip time, fitted to a cell's medians at several round-trip times, so that the time at another one can
 * be read off. Checked against its own points: where a cell does not follow a line, that is said instead.
 */

export interface RttSample {
  /** total, as calibrated */
  readonly roundTripMs: number;
  readonly wallMs: number;
}

export interface RttFit {
  /** at a round-trip time of 0 */
  readonly baseMs: number;
  /** round trips that the cell waits for one after the other */
  readonly chain: number;
  readonly points: readonly (RttSample & { readonly fittedMs: number })[];
  /**
   * the largest of |measured - fitted| / measured, of the points between the ends also by the line through all others; null from
   * two points, through which every line goes
   */
  readonly worstMiss: number | null;
}

/** A line that misses a point by more is not to be read from. */
export const MAX_MISS = 0.1;

/** @returns null from fewer than two points */
export function fitRtt(samples: readonly RttSample[]): RttFit | null {
  const line = lineThrough(samples);
  if (line === null) return null;
  const points = samples.map((sample) => ({ ...sample, fittedMs: timeAt(line, sample.roundTripMs) }));
  const own = points.map(({ wallMs, fittedMs }) => Math.abs(wallMs - fittedMs) / wallMs);
  return { ...line, points, worstMiss: samples.length < 3 ? null : Math.max(...own, ...missesOfOthers(samples)) };
}

/**
 * A line bends towards each of its points, so that it misses them by less than a point that it never saw. The ends are left in:
 * the line through the others would have to reach beyond what was measured.
 */
function missesOfOthers(samples: readonly RttSample[]): number[] {
  const distances = samples.map(({ roundTripMs }) => roundTripMs);
  const ends = [Math.min(...distances), Math.max(...distances)];
  return samples
    .filter(({ roundTripMs }) => !ends.includes(roundTripMs))
    .flatMap((left) => {
      const line = lineThrough(samples.filter((sample) => sample !== left));
      return line === null ? [] : Math.abs(left.wallMs - timeAt(line, left.roundTripMs)) / left.wallMs;
    });
}

/** Least squares of relative misses, so that the slowest point does not decide alone. */
function lineThrough(samples: readonly RttSample[]): { baseMs: number; chain: number } | null {
  if (new Set(samples.map(({ roundTripMs }) => roundTripMs)).size < 2) return null;
  let [w, wx, wxx, wy, wxy] = [0, 0, 0, 0, 0];
  for (const { roundTripMs: x, wallMs: y } of samples) {
    const weight = 1 / y ** 2;
    w += weight;
    wx += weight * x;
    wxx += weight * x * x;
    wy += weight * y;
    wxy += weight * x * y;
  }
  const chain = (w * wxy - wx * wy) / (w * wxx - wx * wx);
  return { baseMs: (wy - chain * wx) / w, chain };
}

export const timeAt = ({ baseMs, chain }: Pick<RttFit, "baseMs" | "chain">, roundTripMs: number): number =>
  baseMs + chain * roundTripMs;

export interface Stretch<Name> {
  /** the fastest from here ... */
  readonly fromMs: number;
  /** ... to here; null: for all longer round trips */
  readonly toMs: number | null;
  readonly name: Name;
}

/** Which line is the lowest at which round-trip time, from 0 on. */
export function fastestByRtt<Name>(lines: readonly { name: Name; fit: Pick<RttFit, "baseMs" | "chain"> }[]): Stretch<Name>[] {
  const stretches: Stretch<Name>[] = [];
  let fromMs = 0;
  let [current] = lines.toSorted((a, b) => a.fit.baseMs - b.fit.baseMs || a.fit.chain - b.fit.chain);
  while (current !== undefined) {
    const { name, fit } = current;
    // whoever has the shorter chain overtakes; the first one to do so is next
    const [next] = lines
      .filter((line) => line.fit.chain < fit.chain)
      .map((line) => ({ line, atMs: (line.fit.baseMs - fit.baseMs) / (fit.chain - line.fit.chain) }))
      .filter(({ atMs }) => atMs >= fromMs)
      .toSorted((a, b) => a.atMs - b.atMs || a.line.fit.chain - b.line.fit.chain);
    if (next === undefined || next.atMs > fromMs) stretches.push({ fromMs, toMs: next?.atMs ?? null, name });
    fromMs = next?.atMs ?? fromMs;
    current = next?.line;
  }
  return stretches;
}
