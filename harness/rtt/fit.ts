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
  /** the largest of |measured - fitted| / measured; null from two points, through which every line goes */
  readonly worstMiss: number | null;
}

/** A line that misses a point by more is not to be read from. */
export const MAX_MISS = 0.1;

/** Least squares of relative misses, so that the slowest point does not decide alone. @returns null from fewer than two points */
export function fitRtt(samples: readonly RttSample[]): RttFit | null {
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
  const baseMs = (wy - chain * wx) / w;
  const points = samples.map((sample) => ({ ...sample, fittedMs: baseMs + chain * sample.roundTripMs }));
  const misses = points.map(({ wallMs, fittedMs }) => Math.abs(wallMs - fittedMs) / wallMs);
  return { baseMs, chain, points, worstMiss: samples.length < 3 ? null : Math.max(...misses) };
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
