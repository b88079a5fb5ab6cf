/** How far the same cell differs from itself within a run: what is left of a difference between cells when this is taken away. */
import type { RunResults } from "./records.ts";
import { median } from "../statistics/robust.ts";
import { REFERENCE_STRATEGY } from "./summary.ts";

/** With fewer there is no middle to speak of. */
const MIN_PAIRS = 3;

export interface RunNoise {
  readonly cell: string;
  /** median of |ln(later / earlier)| over neighbouring rounds, as a fraction */
  readonly typicalDifference: number;
  readonly pairs: number;
}

/** Of the reference where it was run, else of the cell with the most times. @returns null where too few rounds can tell */
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
  const differences = found.times.slice(1).map((time, index) => Math.abs(Math.log(time / (found.times[index] ?? time))));
  return { cell: found.id, typicalDifference: Math.expm1(median(differences)), pairs: differences.length };
}
