/** Formats the rows of the terminal table and of the Markdown table. */
import { ormLabel } from "../../plan/cell.ts";
import { prefillText } from "../../plan/prefill.ts";
import type { Interval } from "../../statistics/quantiles.ts";
import type { SpeedUp } from "../../results/relations.ts";
import type { CellSummary } from "../../results/summary.ts";
import { count, duration, ESTIMATE_MARK, mebibytes, percent, times, UNKNOWN } from "../../text/format.ts";

export interface DisplayRow {
  readonly strategy: string;
  /** the strategy and all axes with values other than the default */
  readonly technique: string;
  /** users per chunk */
  readonly chunk: string;
  readonly orm: string;
  /** level of the library's interface that the cell uses */
  readonly api: string;
  readonly key: string;
  readonly time: string;
  readonly range: string;
  /** 95 % interval of the median */
  readonly interval: string;
  readonly statements: string;
  readonly peakMemory: string;
  readonly toSetBased: string;
  /** the ratio with its interval, if it has one */
  readonly toSetBasedWithin: string;
  readonly toBaseline: string;
  readonly toOwnDriver: string;
  /** how many times faster than the naive cell of the same library */
  readonly thanNaive: string;
  readonly thanSlowest: string;
  /** the ratio to the first step of each sweep, by axis */
  readonly toFirstStep: Readonly<Record<string, string>>;
  readonly status: CellSummary["status"];
  /** the reason of a status other than ok */
  readonly note: string | null;
}

const within = ({ low, high }: Interval, format: (value: number) => string): string => `${format(low)} - ${format(high)}`;

/** Extends a value of the finished part to the whole job, with the mark of an estimate. */
const estimate = (value: number | null, doneFraction: number | null): string =>
  value === null || doneFraction === null || doneFraction === 0 ? UNKNOWN : `${ESTIMATE_MARK}${count(value / doneFraction)}`;

const speedUp = (value: SpeedUp | null): string =>
  value === null ? UNKNOWN : `${value.isEstimate ? ESTIMATE_MARK : ""}${times(value.times)}`;

/** The estimates of the samples: seven estimates of one cell spread from 20 to 105 minutes. */
const estimatedRange = ({ samples, minEstimatedWallMs: low, maxEstimatedWallMs: high }: CellSummary): string[] =>
  samples < 2 || low === null || high === null || duration(low) === duration(high)
    ? []
    : [`${ESTIMATE_MARK}${duration(low)} - ${ESTIMATE_MARK}${duration(high)}`];

const rank = ({ medianWallMs, estimatedWallMs }: CellSummary): number =>
  medianWallMs ?? estimatedWallMs ?? Number.POSITIVE_INFINITY;

/** Fastest first; cells without a time last. */
export const inDisplayOrder = (summaries: readonly CellSummary[]): CellSummary[] =>
  summaries.toSorted((a, b) => rank(a) - rank(b));

export const displayRows = (summaries: readonly CellSummary[]): DisplayRow[] => inDisplayOrder(summaries).map(displayRow);

/** The fastest cell with a measured time; estimates do not count. */
export const fastestOf = (summaries: readonly CellSummary[]): CellSummary | undefined =>
  inDisplayOrder(summaries).find(({ medianWallMs }) => medianWallMs !== null);

/** True for the fastest raw driver of a technique, the baseline of the other cells. */
export const isBaseline = ({ cell, ratioToBaseline }: CellSummary): boolean => cell.ormClass === "raw" && ratioToBaseline === 1;

type RecordedCell = CellSummary["cell"];
const unusualOf = ({ parallel, split, isolation, track, durability, prefill, addedRttMs, side }: RecordedCell): string[] => [
  ...(parallel === null ? [] : ["one thread"]),
  ...(split === null ? [] : [split]),
  ...(isolation === null ? [] : [isolation]),
  ...(track === "default" ? [] : [track]),
  ...(durability === null ? [] : [durability]),
  ...(prefill === null ? [] : [prefillText(prefill)]),
  ...(addedRttMs === null ? [] : [`+${addedRttMs} ms`]),
  ...(side === null ? [] : [side]),
];

/** Axes with values other than the default: `6 workers`, `read-committed`, `matched`. */
export const axesOf = (cell: RecordedCell): string[] => [
  ...(cell.workers === 1 ? [] : [`${cell.workers} workers`]),
  ...unusualOf(cell),
];

/** The technique with these axes in short form: `chunked x6 (read-committed, matched)`. */
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
      ? [...estimatedRange(summary), `${percent(summary.doneFraction)} done`].join(", ")
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
    thanNaive: speedUp(summary.speedUpToNaive),
    thanSlowest: speedUp(summary.speedUpToSlowest),
    toFirstStep: Object.fromEntries(summary.stepRatios.map(({ axis, ratio }) => [axis, times(ratio)])),
    status,
    note: summary.reason,
  };
}

/** The name of a row in a sentence. */
export const nameOf = ({ technique, chunk, orm, key }: DisplayRow): string =>
  [technique, ...(chunk === UNKNOWN ? [] : [`chunk ${chunk}`]), orm, key].join(" / ");

/** False for a column in which each cell is compared with itself or with nothing. */
export const hasRatios = <Row extends DisplayRow>(rows: readonly Row[], of: (row: Row) => string): boolean =>
  rows.some((row) => ![UNKNOWN, times(1)].includes(of(row)));

export interface StepColumn {
  readonly axis: string;
  /** `to chunk 100`; `to first chunk` where rows start from different steps */
  readonly head: string;
  readonly of: (row: DisplayRow) => string;
}

/** One column per axis that the run sweeps, with the ratio of each row to the first step of its sweep. */
export function stepColumns(summaries: readonly CellSummary[]): StepColumn[] {
  const ratios = summaries.flatMap(({ stepRatios }) => stepRatios);
  return [...Map.groupBy(ratios, ({ axis }) => axis)].map(([axis, ofAxis]) => {
    const [first, ...others] = new Set(ofAxis.map((ratio) => ratio.first));
    return {
      axis,
      head: first === undefined || others.length > 0 ? `to first ${axis}` : `to ${first}`,
      of: ({ toFirstStep }) => toFirstStep[axis] ?? UNKNOWN,
    };
  });
}
