/** Moves the time of a candidate to the wanted size of the data, only between two measured sizes. */
import { count } from "../text/format.ts";
import type { Candidate } from "./candidate.ts";
import type { Question } from "./question.ts";
import type { Spread } from "./timing.ts";

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

interface Bracket {
  readonly low: Candidate;
  readonly high: Candidate;
  readonly fraction: number;
}

/**
 * The nearest measured sizes around the wanted one.
 * @returns null: one side is not measured, or the size of the candidate is the wanted one
 */
function bracketOf(candidate: Candidate, others: readonly Candidate[], size: Size): Bracket | null {
  const own = measuredSize(candidate, size);
  if (own === null || Math.abs(own / size.wanted - 1) <= SAME_SIZE) return null;
  const known = [candidate, ...others].flatMap((each) => {
    const at = measuredSize(each, size);
    return at === null ? [] : [{ at, each }];
  });
  const below = known.filter(({ at }) => at <= size.wanted).toSorted((a, b) => b.at - a.at)[0];
  const above = known.filter(({ at }) => at > size.wanted).toSorted((a, b) => a.at - b.at)[0];
  if (below === undefined || above === undefined) return null;
  return { low: below.each, high: above.each, fraction: (size.wanted - below.at) / (above.at - below.at) };
}

const rowsBetween = (low: number | null, high: number | null, fraction: number): number | null =>
  low === null || high === null ? null : between(low, high, fraction);

/** Its time, rows and orders between two measured sizes. */
function scaled(candidate: Candidate, { low, high, fraction }: Bracket, size: Size): Candidate {
  const [lower, higher] = [low.timing, high.timing];
  const at = (each: Candidate): string => count(measuredSize(each, size));
  return {
    ...candidate,
    rows: rowsBetween(low.rows, high.rows, fraction),
    orders: between(low.orders, high.orders, fraction),
    isScaled: true,
    timing: {
      basis: lower.basis === "estimated" || higher.basis === "estimated" ? "estimated" : "interpolated",
      ms: between(lower.ms, higher.ms, fraction),
      spread: spreadBetween(lower.spread, higher.spread, fraction),
      rounds: [],
      cells: [...new Set([...lower.cells, ...higher.cells])],
      notes: [
        ...new Set([...lower.notes, ...higher.notes]),
        `interpolated between ${at(low)} (${low.run.folder}) and ${at(high)} ${size.unit} (${high.run.folder})`,
      ],
    },
  };
}

const withNote = (candidate: Candidate, note: string): Candidate => ({
  ...candidate,
  timing: { ...candidate.timing, notes: [...candidate.timing.notes, note] },
});

/** The candidate as measured, with a note if its size is not the wanted one. */
function unscaled(candidate: Candidate, size: Size, reason: string): Candidate {
  const own = measuredSize(candidate, size);
  if (own === null) return withNote(candidate, `the number of ${size.unit} is unknown: not scaled`);
  if (Math.abs(own / size.wanted - 1) <= SAME_SIZE) return candidate;
  return withNote(candidate, `measured with ${count(own)} ${size.unit}; not scaled to ${count(size.wanted)}${reason}`);
}

/**
 * Moves all candidates of a run to the wanted size, or none: times of two sizes do not compare. A technique with one measured size
 * once stayed at a tenth of the data, and was recommended before a technique of half its time.
 * @param candidates of one run
 * @param others the techniques in other runs of the same machine and settings
 */
export function atSize(candidates: readonly Candidate[], others: readonly Candidate[], size: Size | null): readonly Candidate[] {
  if (size === null) return candidates;
  const brackets = candidates.map((candidate) =>
    bracketOf(
      candidate,
      others.filter(({ id }) => id === candidate.id),
      size,
    ),
  );
  const pairOf = (bracket: Bracket | null): string =>
    bracket === null ? "" : [bracket.low, bracket.high].map(({ run }) => run.folder).join(" ");
  const pairs = new Set(brackets.map(pairOf));
  if (pairs.size === 1 && !pairs.has(""))
    return candidates.map((candidate, index) => {
      const bracket = brackets[index];
      return bracket == null ? candidate : scaled(candidate, bracket, size);
    });
  const isPartial = brackets.some((bracket) => bracket !== null);
  return candidates.map((candidate) =>
    unscaled(candidate, size, isPartial ? ", because not every technique of the run has the same two sizes" : ""),
  );
}
