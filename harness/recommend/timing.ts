/** The time of a technique at a round-trip time, from the cells of one run that differ only in their added round-trip time. */
import { fitRtt, isCarried, timeAt, type RttSample } from "../rtt/fit.ts";
import { describing, timedSamples } from "../results/timed-samples.ts";
import type { RunResults } from "../results/records.ts";
import type { CellSummary } from "../results/summary.ts";
import { median, medianInterval } from "../statistics/quantiles.ts";
import { count, duration } from "../text/format.ts";

/** `estimated`: calculated from counted statements and a round-trip time outside of the measured ones. */
type Basis = "measured" | "interpolated" | "estimated";

export interface RoundTime {
  readonly round: number;
  readonly wallMs: number;
}

export interface Spread {
  readonly low: number;
  readonly high: number;
  /** `interval`: 95 % of the median; `range`: of too few samples for an interval */
  readonly kind: "interval" | "range";
}

export interface Timing {
  readonly basis: Basis;
  readonly ms: number;
  /** null with one sample */
  readonly spread: Spread | null;
  /** empty where the time comes from several runs, whose rounds do not pair */
  readonly rounds: readonly RoundTime[];
  /** ids of the cells that the time comes from */
  readonly cells: readonly string[];
  /** the deviation of the time from a measured one */
  readonly notes: readonly string[];
}

/** A difference in distance that changes a time by less than this fraction is below any noise of a run. */
const NEGLIGIBLE = 0.02;

interface Measured {
  readonly summary: CellSummary;
  readonly roundTripMs: number | null;
  readonly rounds: readonly RoundTime[];
}

function spreadOf(times: readonly number[]): Spread | null {
  const interval = medianInterval(times);
  if (interval !== null) return { ...interval, kind: "interval" };
  return times.length < 2 ? null : { low: Math.min(...times), high: Math.max(...times), kind: "range" };
}

function timingOf(basis: Basis, rounds: readonly RoundTime[], cells: readonly string[], notes: readonly string[]): Timing {
  const times = rounds.map(({ wallMs }) => wallMs);
  return { basis, ms: median(times), spread: spreadOf(times), rounds, cells, notes };
}

/** Round trips that follow one another: as a proxy counted them, else the statements of one worker. */
export const chainOf = ({ roundTripChain, statements, cell }: CellSummary): number | null =>
  roundTripChain ?? (statements === null ? null : statements / cell.workers);

/** The total round-trip time of a cell: of its proxy, else of the server. null: not measured */
export function distanceOf({ run }: RunResults, { cell }: CellSummary): number | null {
  if (cell.addedRttMs === null) return run.environment.server.rttMs;
  return run.rtt.find(({ requestedMs }) => requestedMs === cell.addedRttMs)?.roundTripMs ?? null;
}

export function roundsOf({ samples }: RunResults, id: string): RoundTime[] {
  const own = samples.filter(({ cell }) => cell.id === id);
  return timedSamples(describing(own)).flatMap(({ round, wallMs }) => (wallMs === null ? [] : [{ round, wallMs }]));
}

function countedChain(measured: readonly Measured[]): number | null {
  const counted = measured.flatMap(({ summary }) => summary.roundTripChain ?? []);
  return counted.length === 0 ? null : Math.max(...counted);
}

/** The line through the medians carries; each round then has its own line, so that rounds still pair. */
function interpolate(measured: readonly (Measured & { roundTripMs: number })[], rttMs: number): Timing | null {
  const distances = measured.map(({ roundTripMs }) => roundTripMs);
  if (distances.length < 2 || rttMs < Math.min(...distances) || rttMs > Math.max(...distances)) return null;
  const chain = countedChain(measured);
  const medians = measured.map(({ roundTripMs, rounds }): RttSample => ({
    roundTripMs,
    wallMs: median(rounds.map(({ wallMs }) => wallMs)),
  }));
  const line = fitRtt(medians, chain);
  if (line === null || !isCarried(line)) return null;
  const numbers = [...new Set(measured.flatMap(({ rounds }) => rounds.map(({ round }) => round)))];
  const rounds = numbers.flatMap((round): RoundTime[] => {
    const points = measured.flatMap(({ roundTripMs, rounds: own }) => {
      const wallMs = own.find((each) => each.round === round)?.wallMs;
      return wallMs === undefined ? [] : [{ roundTripMs, wallMs }];
    });
    // without one of its points a round has another line
    const fit = points.length < measured.length ? null : fitRtt(points, chain);
    return fit === null ? [] : [{ round, wallMs: timeAt(fit, rttMs) }];
  });
  if (rounds.length === 0) return null;
  return timingOf(
    "interpolated",
    rounds,
    measured.map(({ summary }) => summary.cell.id),
    [
      `interpolated between round trips of ${duration(Math.min(...distances))} and ${duration(Math.max(...distances))}: time = base + ${count(line.chain)} x round trip`,
    ],
  );
}

/**
 * @param summaries complete cells of one technique, which differ only in their added round-trip time
 * @param rttMs null: the smallest measured distance
 * @returns null if no cell has a time, or the distance of no cell is known and the question has one
 */
export function timeAtRtt(results: RunResults, summaries: readonly CellSummary[], rttMs: number | null): Timing | null {
  const measured = summaries
    .map((summary): Measured => ({
      summary,
      roundTripMs: distanceOf(results, summary),
      rounds: roundsOf(results, summary.cell.id),
    }))
    .filter(({ rounds }) => rounds.length > 0)
    .toSorted((a, b) => (a.summary.cell.addedRttMs ?? -1) - (b.summary.cell.addedRttMs ?? -1));
  const [nearest] = measured;
  if (nearest === undefined) return null;
  if (rttMs === null) return timingOf("measured", nearest.rounds, [nearest.summary.cell.id], []);
  const known = measured.flatMap((each) => (each.roundTripMs === null ? [] : [{ ...each, roundTripMs: each.roundTripMs }]));
  const [closest] = known.toSorted((a, b) => Math.abs(a.roundTripMs - rttMs) - Math.abs(b.roundTripMs - rttMs));
  if (closest === undefined) return null;
  const wallMs = median(closest.rounds.map((each) => each.wallMs));
  const counted = chainOf(closest.summary);
  // A driver that sends without a wait has more statements than round trips: 273,209 x 0.12 ms in 15.5 s. Their time at another
  // distance is unknown; calculated, it was 0 ms, and the fastest.
  const chain = counted === null || counted * closest.roundTripMs > wallMs ? null : counted;
  const change = chain === null ? null : chain * (rttMs - closest.roundTripMs);
  const isNegligible =
    change === null
      ? Math.abs(rttMs - closest.roundTripMs) <= NEGLIGIBLE * closest.roundTripMs
      : Math.abs(change) <= NEGLIGIBLE * wallMs;
  if (isNegligible) return timingOf("measured", closest.rounds, [closest.summary.cell.id], []);
  // the line needs proxied cells: the other ones lack the latency of the proxy itself
  const interpolated = interpolate(
    known.filter(({ summary }) => summary.cell.addedRttMs !== null),
    rttMs,
  );
  if (interpolated !== null) return interpolated;
  if (change === null) return null;
  const shifted = closest.rounds.map((each) => ({ round: each.round, wallMs: Math.max(0, each.wallMs + change) }));
  const unit = closest.summary.roundTripChain === null ? "statements" : "round trips";
  return timingOf(
    "estimated",
    shifted,
    [closest.summary.cell.id],
    [
      `measured with a round trip of ${duration(closest.roundTripMs)}, then ${change < 0 ? "less" : "plus"} ${Math.round(chain ?? 0).toLocaleString("en")} ${unit} x ${duration(Math.abs(rttMs - closest.roundTripMs))}`,
    ],
  );
}
