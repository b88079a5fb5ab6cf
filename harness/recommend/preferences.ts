/** The order of candidates by each preference. A new preference is a new entry. */
import type { Candidate } from "./candidate.ts";
import type { Preference } from "./question.ts";

export interface PreferenceOrder {
  /** the goal, for the answer */
  readonly goal: string;
  /** smaller is better; the first difference decides */
  readonly keys: (candidate: Candidate, facts: Facts) => readonly number[];
}

/** Facts about the code of a candidate, which records do not hold. */
export interface Facts {
  /** lines of the technique's code; null: unknown */
  readonly linesOf: (candidate: Candidate) => number | null;
}

/** Two longest transactions within this factor are equal: the longest of a sample is one observation. */
const TRANSACTION_STEP = 1.5;
/** A technique with an unknown value comes last. */
const UNKNOWN_LAST = Number.POSITIVE_INFINITY;

const stepOf = (ms: number): number => Math.round(Math.log(Math.max(1, ms)) / Math.log(TRANSACTION_STEP));

export const ORDERS: Readonly<Record<Preference, PreferenceOrder>> = {
  fastest: { goal: "least time", keys: ({ timing }) => [timing.ms] },
  gentlest: {
    goal: "fewest lock waits, then the shortest transactions",
    keys: ({ summary: { costs }, timing }) => [
      costs?.rowLockWaits ?? UNKNOWN_LAST,
      costs?.longestTransactionMs == null ? UNKNOWN_LAST : stepOf(costs.longestTransactionMs),
      timing.ms,
    ],
  },
  simplest: {
    goal: "no hand-written SQL, then one worker, then the fewest lines",
    keys: (candidate, { linesOf }) => [
      candidate.summary.cell.api === "raw-sql" ? 1 : 0,
      candidate.summary.cell.workers,
      linesOf(candidate) ?? UNKNOWN_LAST,
      candidate.timing.ms,
    ],
  },
};

export function inOrder(candidates: readonly Candidate[], preference: Preference, facts: Facts): Candidate[] {
  const ranked = candidates.map((candidate) => ({ candidate, keys: ORDERS[preference].keys(candidate, facts) }));
  return ranked
    .toSorted((a, b) => {
      const at = a.keys.findIndex((value, index) => value !== b.keys[index]);
      return at === -1 ? 0 : (a.keys[at] ?? 0) - (b.keys[at] ?? 0);
    })
    .map(({ candidate }) => candidate);
}
