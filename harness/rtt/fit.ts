/**
 * time = base + chain x round-trip time, fitted to a cell's medians at several round-trip times. A report reads the time at other
 * round-trip times off this line. The fit is checked against its own points: a cell that does not follow a line gets none.
 */

export interface RttSample {
  /** calibrated total round-trip time */
  readonly roundTripMs: number;
  readonly wallMs: number;
}

export interface RttFit {
  /** at a round-trip time of 0 */
  readonly baseMs: number;
  /** round trips that follow one another */
  readonly chain: number;
  readonly points: readonly (RttSample & { readonly fittedMs: number })[];
  /**
   * the largest of |measured - fitted| / measured; for points between the ends of a free line also by the line through all other
   * points; null if the line had to go through both of two points, which no measurement checks
   */
  readonly worstMiss: number | null;
}

/** A line that misses a point by more than this fraction is refused. */
export const MAX_MISS = 0.1;

type Line = Pick<RttFit, "baseMs" | "chain">;

/**
 * The slope lies between 0 and `counted`: a longer round trip makes no cell faster, and costs it at most its counted round trips.
 * Without this bound, noise of two points once gave "494 ms + 216 x RTT" for a cell of 44 round trips. From two points only the base
 * is fitted and the slope is the counted chain, because two points fit every line.
 * @param counted round trips of the longest chain, as the proxies counted them; null: unknown
 * @returns null from fewer than two distances
 */
export function fitRtt(samples: readonly RttSample[], counted: number | null): RttFit | null {
  const distances = new Set(samples.map(({ roundTripMs }) => roundTripMs)).size;
  if (distances < 2) return null;
  const free = lineThrough(samples);
  const chain = distances === 2 && counted !== null ? counted : Math.min(Math.max(0, free.chain), counted ?? Infinity);
  const isFree = chain === free.chain;
  const line = isFree ? free : lineWithSlope(samples, chain);
  const points = samples.map((sample) => ({ ...sample, fittedMs: timeAt(line, sample.roundTripMs) }));
  const misses = [
    ...points.map(({ wallMs, fittedMs }) => Math.abs(wallMs - fittedMs) / wallMs),
    ...(isFree ? missesOfOthers(samples) : []),
  ];
  return { ...line, points, worstMiss: isFree && distances === 2 ? null : Math.max(...misses) };
}

/** @returns true if the points support the line. A line that no point checks, or that misses one, supports no conclusion. */
export const isCarried = ({ worstMiss }: RttFit): boolean => worstMiss !== null && worstMiss <= MAX_MISS;

/**
 * Misses of the inner points by the line through all other points. A fit pulls its line towards each point, so its miss of that
 * point is too small. The end points stay in the fit: without them the line would extrapolate.
 */
function missesOfOthers(samples: readonly RttSample[]): number[] {
  const distances = samples.map(({ roundTripMs }) => roundTripMs);
  const ends = [Math.min(...distances), Math.max(...distances)];
  return samples
    .filter(({ roundTripMs }) => !ends.includes(roundTripMs))
    .map((left) => {
      const line = lineThrough(samples.filter((sample) => sample !== left));
      return Math.abs(left.wallMs - timeAt(line, left.roundTripMs)) / left.wallMs;
    });
}

/** Least squares of relative misses, so that the slowest point does not decide the line. */
function lineThrough(samples: readonly RttSample[]): Line {
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

/** The base that misses least, by the same weights, at a given slope. */
function lineWithSlope(samples: readonly RttSample[], chain: number): Line {
  let [w, wr] = [0, 0];
  for (const { roundTripMs, wallMs } of samples) {
    const weight = 1 / wallMs ** 2;
    w += weight;
    wr += weight * (wallMs - chain * roundTripMs);
  }
  return { baseMs: wr / w, chain };
}

export const timeAt = ({ baseMs, chain }: Line, roundTripMs: number): number => baseMs + chain * roundTripMs;

export interface Stretch<Name> {
  /** start of the range in which `name` is fastest */
  readonly fromMs: number;
  /** end of the range; null: all longer round-trip times */
  readonly toMs: number | null;
  readonly name: Name;
}

/** Ranges of round-trip times with their lowest line, from 0 upwards. */
export function fastestByRtt<Name>(lines: readonly { name: Name; fit: Line }[]): Stretch<Name>[] {
  const stretches: Stretch<Name>[] = [];
  let fromMs = 0;
  let [current] = lines.toSorted((a, b) => a.fit.baseMs - b.fit.baseMs || a.fit.chain - b.fit.chain);
  while (current !== undefined) {
    const { name, fit } = current;
    // only a line with a shorter chain can become lower; the next range starts at the first crossing
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
