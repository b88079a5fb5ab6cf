/** Relates each cell to others of its run: how many times faster than a slow cell, and the ratio to the first step of a sweep. */
import { otherAxes, type AxisCell } from "../plan/cell.ts";
import { pairedRatio, pairsByRound } from "../statistics/pairs.ts";
import { medianOrNull } from "../statistics/quantiles.ts";
import type { RunResults, SampleRecord } from "./records.ts";
import { describing } from "./timed-samples.ts";

type RecordedCell = RunResults["run"]["cells"][number];

interface Sweep {
  readonly field: keyof AxisCell;
  /** the name of the cell's step; null for a cell outside of the sweep */
  readonly stepOf: (cell: AxisCell) => string | null;
}

/** The axes that a run can sweep. Values of the other axes are no steps: two libraries have no order. */
const SWEEPS: Readonly<Record<string, Sweep>> = {
  key: { field: "key", stepOf: ({ key }) => key },
  chunk: { field: "chunkUsers", stepOf: ({ chunkUsers }) => (chunkUsers === null ? null : `chunk ${chunkUsers}`) },
  workers: { field: "workers", stepOf: ({ workers }) => `${workers} ${workers === 1 ? "worker" : "workers"}` },
  rtt: { field: "addedRttMs", stepOf: ({ addedRttMs }) => (addedRttMs === null ? null : `+${addedRttMs} ms`) },
};

export const SWEEP_AXES: readonly string[] = Object.keys(SWEEPS);

/** The technique that most services start from. */
export const NAIVE_STRATEGY = "naive";

/** Above 1 the cell is faster. */
export interface SpeedUp {
  readonly times: number;
  /** true: a limit stopped one of the two cells, and its time is an estimate */
  readonly isEstimate: boolean;
}

interface StepRatio {
  readonly axis: string;
  /** the first step: `chunk 100` */
  readonly first: string;
  /** paired by round: time divided by that of the first step; 1 for the first step */
  readonly ratio: number;
}

export interface Relations {
  /** to the naive cell of the same library, key and conditions; null without such a cell */
  readonly speedUpToNaive: SpeedUp | null;
  /** to the slowest cell under the same conditions */
  readonly speedUpToSlowest: SpeedUp | null;
  /** one entry per axis on which the run has an earlier or later step of this cell */
  readonly stepRatios: readonly StepRatio[];
}

/** A sample with a measured or estimated time. */
interface Timed {
  readonly round: number;
  readonly wallMs: number | null;
  readonly isEstimate: boolean;
}

/** Times of the samples that describe a cell, with estimates for those that a limit stopped; empty for a failed cell. */
function timesOf(samples: readonly SampleRecord[]): Timed[] {
  if (samples.some(({ status }) => status === "failed")) return [];
  return describing(samples)
    .map(({ round, wallMs, estimatedWallMs }) => ({ round, wallMs: wallMs ?? estimatedWallMs, isEstimate: wallMs === null }))
    .filter(({ wallMs }) => wallMs !== null);
}

function speedUp(slow: readonly Timed[], fast: readonly Timed[]): SpeedUp | null {
  const times = pairedRatio(pairsByRound(fast, slow));
  return times === null ? null : { times, isEstimate: [...slow, ...fast].some(({ isEstimate }) => isEstimate) };
}

/** Cells whose times answer the same question: the same server settings, earlier rows, network and side. */
const conditionsOf = ({ side, addedRttMs, durability, prefill }: RecordedCell): string =>
  JSON.stringify([side, addedRttMs, durability, prefill]);

const IS_SAME_LIBRARY = ["orm", "version", "key", "isolation", "track"] as const;

/** The relations of each cell, by the id of the cell. */
export function relationsOf({ run, samples }: RunResults): ReadonlyMap<string, Relations> {
  const byCell = Map.groupBy(samples, ({ cell }) => cell.id);
  const timed = new Map(run.cells.map(({ id }) => [id, timesOf(byCell.get(id) ?? [])]));
  const times = ({ id }: RecordedCell): readonly Timed[] => timed.get(id) ?? [];
  const typicalMs = (cell: RecordedCell): number => medianOrNull(times(cell).map(({ wallMs }) => wallMs)) ?? 0;
  const slowest = new Map(
    [...Map.groupBy(run.cells, conditionsOf)].map(([conditions, cells]) => [
      conditions,
      cells.toSorted((a, b) => typicalMs(b) - typicalMs(a))[0],
    ]),
  );
  const naiveCells = run.cells.filter(({ strategy, workers }) => strategy === NAIVE_STRATEGY && workers === 1);

  const stepRatio = (cell: RecordedCell, axis: string, { field, stepOf }: Sweep): StepRatio[] => {
    if (stepOf(cell) === null) return [];
    const [base, ...later] = run.cells.filter(
      (other) => stepOf(other) !== null && otherAxes(other, [field]) === otherAxes(cell, [field]),
    );
    const first = base === undefined ? null : stepOf(base);
    if (base === undefined || first === null || later.length === 0) return [];
    const measured = (one: RecordedCell): Timed[] => times(one).filter(({ isEstimate }) => !isEstimate);
    const ratio = pairedRatio(pairsByRound(measured(base), measured(cell)));
    return ratio === null ? [] : [{ axis, first, ratio }];
  };

  return new Map(
    run.cells.map((cell) => {
      const naive = naiveCells.find(
        (other) => conditionsOf(other) === conditionsOf(cell) && IS_SAME_LIBRARY.every((part) => other[part] === cell[part]),
      );
      const slow = slowest.get(conditionsOf(cell));
      return [
        cell.id,
        {
          speedUpToNaive: naive === undefined ? null : speedUp(times(naive), times(cell)),
          speedUpToSlowest: slow === undefined ? null : speedUp(times(slow), times(cell)),
          stepRatios: Object.entries(SWEEPS).flatMap(([axis, sweep]) => stepRatio(cell, axis, sweep)),
        },
      ];
    }),
  );
}
