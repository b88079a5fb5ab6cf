/** Noise of a run: the differences of one cell between its rounds. A difference between cells must exceed them. */
import type { RunResults } from "./records.ts";
import { logSpread } from "../statistics/pairs.ts";
import { REFERENCE_STRATEGY } from "./summary.ts";

/** Fewer pairs give no meaningful median. */
const MIN_PAIRS = 3;

export interface RunNoise {
  readonly cell: string;
  /** median of |ln(later / earlier)| over neighbouring rounds, as a fraction */
  readonly typicalDifference: number;
  readonly pairs: number;
}

/** Noise of the reference, else of the cell with the most times. @returns null with too few rounds */
export function runNoise({ run, samples }: RunResults): RunNoise | null {
  const timesOf = (id: string): number[] =>
    samples
      .filter(({ cell, wallMs }) => cell.id === id && wallMs !== null)
      .toSorted((a, b) => a.round - b.round)
      .flatMap(({ wallMs }) => wallMs ?? []);
  const known = run.cells
    .map(({ id, strategy }) => ({ id, isReference: strategy === REFERENCE_STRATEGY, times: timesOf(id) }))
    .toSorted((a, b) => Number(b.isReference) - Number(a.isReference) || b.times.length - a.times.length);
  const found = known.find(({ times }) => times.length > MIN_PAIRS);
  if (found === undefined) return null;
  const pairs = found.times.slice(1).map((later, index) => ({ base: found.times[index] ?? later, candidate: later }));
  return { cell: found.id, typicalDifference: Math.expm1(logSpread(pairs)), pairs: pairs.length };
}
