/** Moves the time of a candidate to the wanted size of the data, only between two measured sizes. */
import { count } from "../text/format.ts";
import type { Candidate } from "./candidate.ts";
import type { Question } from "./question.ts";
import type { Spread, Timing } from "./timing.ts";

type RequestedSize = Pick<Question, "orders" | "rows">;

export interface Size {
  readonly wanted: number;
  readonly unit: "orders" | "written rows";
}

/** `--rows` sets the work of the job itself, so it precedes `--orders`. */
export function sizeOf({ orders, rows }: RequestedSize): Size | null {
  if (rows !== null) return { wanted: rows, unit: "written rows" };
  return orders === null ? null : { wanted: orders, unit: "orders" };
}

/** The measured size in the unit of the question. null: unknown */
export const measuredSize = ({ run, rows }: Candidate, { unit }: Size): number | null =>
  unit === "orders" ? run.results.run.dataset.orders : rows;

/** A difference in size below this fraction changes a time by less than the noise of a run. */
const SAME_SIZE = 0.02;

const between = (low: number, high: number, fraction: number): number => low + (high - low) * fraction;

function spreadBetween(below: Spread | null, above: Spread | null, fraction: number): Spread | null {
  if (below === null || above === null) return null;
  return {
    low: between(below.low, above.low, fraction),
    high: between(below.high, above.high, fraction),
    kind: below.kind === above.kind ? below.kind : "range",
  };
}

/**
 * @param others the same technique in other runs of the same machine and settings
 * @returns the time at the wanted size, between the nearest measured sizes; else the measured time with a note
 */
export function timeAtSize(candidate: Candidate, others: readonly Candidate[], size: Size | null): Timing {
  const { timing } = candidate;
  if (size === null) return timing;
  const own = measuredSize(candidate, size);
  if (own === null) return { ...timing, notes: [...timing.notes, `the number of ${size.unit} is unknown: not scaled`] };
  if (Math.abs(own / size.wanted - 1) <= SAME_SIZE) return timing;
  const known = [candidate, ...others].flatMap((each) => {
    const at = measuredSize(each, size);
    return at === null ? [] : [{ at, each }];
  });
  const below = known.filter(({ at }) => at <= size.wanted).toSorted((a, b) => b.at - a.at)[0];
  const above = known.filter(({ at }) => at > size.wanted).toSorted((a, b) => a.at - b.at)[0];
  if (below === undefined || above === undefined)
    return {
      ...timing,
      notes: [...timing.notes, `measured with ${count(own)} ${size.unit}; not scaled to ${count(size.wanted)}`],
    };
  const fraction = (size.wanted - below.at) / (above.at - below.at);
  const [low, high] = [below.each.timing, above.each.timing];
  return {
    basis: low.basis === "estimated" || high.basis === "estimated" ? "estimated" : "interpolated",
    ms: between(low.ms, high.ms, fraction),
    spread: spreadBetween(low.spread, high.spread, fraction),
    rounds: [],
    cells: [...new Set([...low.cells, ...high.cells])],
    notes: [
      ...new Set([...low.notes, ...high.notes]),
      `interpolated between ${count(below.at)} (${below.each.run.folder}) and ${count(above.at)} ${size.unit} (${above.each.run.folder})`,
    ],
  };
}
