/**
 * The speed of the updates by chunk size: rows per second of the phases that update badges and grades. The phase of grades includes the
 * insert of one log row per user, which is equal for all techniques. The reads and the coupons would hide the difference.
 */
import { ormLabel, otherAxes } from "../../plan/cell.ts";
import type { RunResults, SampleRecord } from "../../results/records.ts";
import { timedSamples } from "../../results/timed-samples.ts";
import { pairsByRound } from "../../statistics/pairs.ts";
import { medianOrNull, type Interval } from "../../statistics/quantiles.ts";
import { ratioInterval } from "../../statistics/signed-rank.ts";
import { count, duration, UNKNOWN } from "../../text/format.ts";
import { axesOf } from "./rows.ts";

/** With fewer sizes there is no curve. */
const MIN_SIZES = 3;
/** With too few rounds for an interval, sizes with rates this close count as equal: samples of one cell differ by as much. */
const EQUAL_FRACTION = 0.1;
const CONFIDENCE = 0.95;

export interface UpdatePoint {
  /** id of the cell */
  readonly cell: string;
  /** name of all points that differ only in their chunk: technique with its axes, library with its version, key */
  readonly line: string;
  readonly strategy: string;
  readonly orm: string;
  readonly key: string;
  readonly chunkUsers: number;
  /** median of the samples; null: the cell has no complete sample */
  readonly rowsPerSecond: number | null;
  /** ms per updated row of each complete sample, in the form that pairs by round */
  readonly perRow: readonly { readonly round: number; readonly wallMs: number | null }[];
  /** the reason of a failed or stopped cell */
  readonly reason: string | null;
  readonly rowsUpdated: number | null;
  /** rows that the server read for each updated row: a plan that scans reads more */
  readonly rowsReadPerRow: number | null;
  readonly bytesToServer: number | null;
  readonly serverCpuMs: number | null;
  readonly clientCpuMs: number | null;
  /** null in older records */
  readonly rangeLimitsExceeded: number | null;
  /** null in older records, and on servers that bench does not manage */
  readonly parseMs: number | null;
}

function rateOf({ phaseMs, costs }: SampleRecord): number | null {
  const updated = costs?.rowsUpdated ?? null;
  const spentMs = phaseMs === null ? 0 : phaseMs.badges + phaseMs.grades;
  return updated === null || spentMs === 0 ? null : updated / (spentMs / 1000);
}

/** Two versions of a library were one line without the version, and the line showed the times of one of them. */
function lineOf(cell: RunResults["run"]["cells"][number]): string {
  const axes = axesOf(cell);
  return [`${cell.strategy}${axes.length === 0 ? "" : ` (${axes.join(", ")})`}`, ormLabel(cell), cell.key].join(" / ");
}

/** @returns the points of all lines with three or more chunk sizes; empty for other runs */
export function updatePoints({ run, samples }: RunResults): UpdatePoint[] {
  const swept = run.cells.filter(({ chunkUsers, workers, side }) => chunkUsers !== null && workers === 1 && side === null);
  const lines = Map.groupBy(swept, (cell) => otherAxes(cell, ["chunkUsers"]));
  return [...lines.values()]
    .filter((cells) => new Set(cells.map(({ chunkUsers }) => chunkUsers)).size >= MIN_SIZES)
    .flatMap((cells) => cells.toSorted((a, b) => (a.chunkUsers ?? 0) - (b.chunkUsers ?? 0)))
    .map((sweptCell): UpdatePoint => {
      const { id, strategy, orm, key, chunkUsers } = sweptCell;
      const own = samples.filter(({ cell }) => cell.id === id);
      const timed = timedSamples(own);
      const medianOf = (of: (sample: SampleRecord) => number | null | undefined): number | null =>
        medianOrNull(timed.map((sample) => of(sample) ?? null));
      return {
        cell: id,
        line: lineOf(sweptCell),
        strategy,
        orm,
        key,
        chunkUsers: chunkUsers ?? 0,
        rowsPerSecond: medianOf(rateOf),
        perRow: timed.map((sample) => {
          const rate = rateOf(sample);
          return { round: sample.round, wallMs: rate === null || rate === 0 ? null : 1_000 / rate };
        }),
        reason: timed.length > 0 ? null : (own.find(({ reason }) => reason !== null)?.reason ?? null),
        rowsUpdated: medianOf(({ costs }) => costs?.rowsUpdated),
        rowsReadPerRow: medianOf(({ costs }) =>
          costs?.rowsRead == null || costs.rowsUpdated == null || costs.rowsUpdated === 0
            ? null
            : costs.rowsRead / costs.rowsUpdated,
        ),
        bytesToServer: medianOf(({ costs }) => costs?.bytesToServer),
        serverCpuMs: medianOf(({ costs }) => costs?.serverCpuMs),
        clientCpuMs: medianOf(({ clientCpuMs }) => clientCpuMs),
        parseMs: medianOf(({ costs }) => costs?.parseMs),
        rangeLimitsExceeded: medianOf(({ costs }) => costs?.rangeLimitsExceeded),
      };
    });
}

export interface UpdatesTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly notes: readonly string[];
}

const rate = (value: number | null): string => (value === null ? UNKNOWN : count(Math.round(value / 100) * 100));

/** The index of the size with the highest rate. */
function bestOf(points: readonly UpdatePoint[]): number {
  const rates = points.map(({ rowsPerSecond }) => rowsPerSecond ?? 0);
  return rates.indexOf(Math.max(...rates));
}

/** Of the ratio of both times by round; null with too few common rounds. */
const ratioToBest = (point: UpdatePoint, best: UpdatePoint): Interval | null =>
  ratioInterval(pairsByRound(best.perRow, point.perRow), CONFIDENCE);

/** Not slower than the best size beyond the noise of the rounds. */
function isAsFast(point: UpdatePoint | undefined, best: UpdatePoint | undefined): boolean {
  if (point === undefined || best === undefined || point.rowsPerSecond === null || best.rowsPerSecond === null) return false;
  if (point === best) return true;
  const interval = ratioToBest(point, best);
  return interval === null ? point.rowsPerSecond >= best.rowsPerSecond * (1 - EQUAL_FRACTION) : interval.low <= 1;
}

/** The best size, and the range of neighbours that are as fast: `1,000 (500 to 2,000)`. */
function bestSizes(points: readonly UpdatePoint[]): string {
  const best = bestOf(points);
  const isEqual = (index: number): boolean => isAsFast(points[index], points[best]);
  if (!isEqual(best)) return UNKNOWN;
  let [first, last] = [best, best];
  while (isEqual(first - 1)) first -= 1;
  while (isEqual(last + 1)) last += 1;
  const size = (index: number): string => count(points[index]?.chunkUsers ?? null);
  return first === last ? size(best) : `${size(best)} (${size(first)} to ${size(last)})`;
}

function hasIntervals(points: readonly UpdatePoint[]): boolean {
  const best = points[bestOf(points)];
  return best !== undefined && points.some((point) => point !== best && ratioToBest(point, best) !== null);
}

/** @returns null for a run without a line over chunk sizes */
export function updatesTable(results: RunResults): UpdatesTable | null {
  const points = updatePoints(results);
  const sizes = [...new Set(points.map(({ chunkUsers }) => chunkUsers))].toSorted((a, b) => a - b);
  const lines = [...Map.groupBy(points, ({ line }) => line)];
  if (lines.every(([, line]) => line.every(({ rowsPerSecond }) => rowsPerSecond === null))) return null;
  const hasParsing = points.some(({ parseMs }) => parseMs !== null);
  return {
    head: ["updates", ...sizes.map((size) => count(size)), "best size", ...(hasParsing ? ["parsing"] : [])],
    rows: lines.map(([name, line]) => [
      name,
      ...sizes.map((size) => {
        const point = line.find(({ chunkUsers }) => chunkUsers === size);
        return point === undefined ? UNKNOWN : point.reason === null ? rate(point.rowsPerSecond) : "failed or stopped";
      }),
      bestSizes(line),
      ...(hasParsing ? [duration(line[bestOf(line)]?.parseMs ?? null)] : []),
    ]),
    notes: [
      "Updated rows per second of the phases that update badges and grades, by users per chunk. The phase of grades inserts one log row per user too. Reads and coupons do not count.",
      lines.some(([, line]) => hasIntervals(line))
        ? "The best size has the highest median. The range of neighbours follows whose 95 % interval of the paired ratio to the best size contains 1."
        : `The best size is followed by the range of neighbours whose rate is within ${EQUAL_FRACTION * 100} % of the best one.`,
      ...(hasParsing
        ? [
            "Parsing is the time of the server's stage `starting` over the whole sample, at the best size. The stage begins when a statement arrives and ends before its plan. The parser takes nearly all of the stage.",
          ]
        : []),
      ...points.flatMap(({ line, chunkUsers, reason }) =>
        reason === null ? [] : [`${line} with ${count(chunkUsers)} users: ${reason}.`],
      ),
    ],
  };
}
