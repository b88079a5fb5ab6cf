/** The rows that the table and the Markdown share. */
import { ormLabel } from "../../plan/cell.ts";
import type { Interval } from "../../statistics/signed-rank.ts";
import type { CellSummary } from "../../results/summary.ts";
import { count, duration, ESTIMATE_MARK, mebibytes, percent, times, UNKNOWN } from "../../text/format.ts";

export interface DisplayRow {
  readonly strategy: string;
  /** with whatever of its axes is not as usual */
  readonly technique: string;
  /** users per chunk */
  readonly chunk: string;
  readonly orm: string;
  /** the level of the library's interface that was used */
  readonly api: string;
  readonly key: string;
  readonly time: string;
  readonly range: string;
  /** of the median */
  readonly interval: string;
  readonly statements: string;
  readonly peakMemory: string;
  readonly toSetBased: string;
  /** the same with its interval, where there is one */
  readonly toSetBasedWithin: string;
  readonly toBaseline: string;
  readonly toOwnDriver: string;
  readonly status: CellSummary["status"];
  /** the reason of everything that is not ok */
  readonly note: string | null;
}

const within = ({ low, high }: Interval, format: (value: number) => string): string => `${format(low)} - ${format(high)}`;

/** An estimate of the whole from the part that was done, marked as one. */
const estimate = (value: number | null, doneFraction: number | null): string =>
  value === null || doneFraction === null || doneFraction === 0 ? UNKNOWN : `${ESTIMATE_MARK}${count(value / doneFraction)}`;

const rank = ({ medianWallMs, estimatedWallMs }: CellSummary): number =>
  medianWallMs ?? estimatedWallMs ?? Number.POSITIVE_INFINITY;

/** The fastest first; what has no time comes last. */
export const inDisplayOrder = (summaries: readonly CellSummary[]): CellSummary[] =>
  summaries.toSorted((a, b) => rank(a) - rank(b));

export const displayRows = (summaries: readonly CellSummary[]): DisplayRow[] => inDisplayOrder(summaries).map(displayRow);

/** Of the cells that have a measured time; estimates don't compete. */
export const fastestOf = (summaries: readonly CellSummary[]): CellSummary | undefined =>
  inDisplayOrder(summaries).find(({ medianWallMs }) => medianWallMs !== null);

/** Whether it is the fastest raw driver of its technique, to which the others are compared. */
export const isBaseline = ({ cell, ratioToBaseline }: CellSummary): boolean => cell.ormClass === "raw" && ratioToBaseline === 1;

type RecordedCell = CellSummary["cell"];
const unusualOf = ({ isolation, track, durability, addedRttMs, side }: RecordedCell): string[] => [
  ...(isolation === null ? [] : [isolation]),
  ...(track === "default" ? [] : [track]),
  ...(durability === null ? [] : [durability]),
  ...(addedRttMs === null ? [] : [`+${addedRttMs} ms`]),
  ...(side === null ? [] : [side]),
];

/** Whatever of a cell's axes is not as usual: `6 workers`, `read-committed`, `matched`. */
export const axesOf = (cell: RecordedCell): string[] => [
  ...(cell.workers === 1 ? [] : [`${cell.workers} workers`]),
  ...unusualOf(cell),
];

/** The technique and the same in short: `chunked x6 (read-committed, matched)`. */
function techniqueOf(cell: RecordedCell): string {
  const unusual = unusualOf(cell);
  const workers = cell.workers === 1 ? "" : ` x${cell.workers}`;
  return `${cell.strategy}${workers}${unusual.length === 0 ? "" : ` (${unusual.join(", ")})`}`;
}

export function displayRow(summary: CellSummary): DisplayRow {
  const { cell, status } = summary;
  const timedOut = status === "timed-out";
  return {
    strategy: cell.strategy,
    technique: techniqueOf(cell),
    chunk: count(cell.chunkUsers),
    orm: ormLabel(cell),
    api: cell.api,
    key: cell.key,
    time: timedOut
      ? `${ESTIMATE_MARK}${duration(summary.estimatedWallMs)}`
      : summary.medianWallMs === null
        ? status
        : duration(summary.medianWallMs),
    range: timedOut
      ? `${percent(summary.doneFraction)} done`
      : summary.samples > 1 && summary.minWallMs !== null
        ? `${duration(summary.minWallMs)} - ${duration(summary.maxWallMs)}`
        : summary.samples === 1
          ? "1 sample"
          : UNKNOWN,
    interval: summary.wallInterval === null ? UNKNOWN : within(summary.wallInterval, duration),
    statements: timedOut ? estimate(summary.statements, summary.doneFraction) : count(summary.statements),
    peakMemory: mebibytes(summary.peakRssBytes),
    toSetBased: times(summary.ratioToSetBased),
    toSetBasedWithin: [
      times(summary.ratioToSetBased),
      ...(summary.ratioToSetBasedInterval === null ? [] : [`(${within(summary.ratioToSetBasedInterval, times)})`]),
    ].join(" "),
    toBaseline: times(summary.ratioToBaseline),
    toOwnDriver: times(summary.ratioToOwnDriver),
    status,
    note: summary.reason,
  };
}

/** How a row is called in a sentence. */
export const nameOf = ({ technique, chunk, orm, key }: DisplayRow): string =>
  [technique, ...(chunk === UNKNOWN ? [] : [`chunk ${chunk}`]), orm, key].join(" / ");
