/** The verdict on a claim: a pure function of its figure and of the measured ratio. docs/claims.md gives the rule to readers. */
import type { Interval } from "../../harness/statistics/quantiles.ts";
import { claimedTimes, type Figure } from "./claim.ts";
import type { Measured } from "./measured.ts";

export type VerdictName = "confirmed" | "mechanism only" | "refuted" | "not comparable";

export interface ClaimVerdict {
  readonly name: VerdictName;
  /** of `not comparable`; null otherwise */
  readonly reason: string | null;
}

/** A ratio on the side of the claim is the claimed size within this factor. */
export const SAME_SIZE = 2;
/** Two sides are equal within this factor. */
export const EQUAL = 1.1;
/** Without an interval, the ratio divided and multiplied by this factor takes its place: single samples differ by tens of percent. */
export const NOISE = 1.5;

const verdict = (name: VerdictName, reason: string | null = null): ClaimVerdict => ({ name, reason });
const isWithin = (value: number, { low, high }: Interval): boolean => value >= low && value <= high;

/** The interval of the ratio, or the range that takes its place. */
export function rangeOf({ times, interval, isExact }: Pick<Measured, "times" | "interval" | "isExact">): Interval {
  if (isExact) return { low: times, high: times };
  return interval ?? { low: times / NOISE, high: times * NOISE };
}

function verdictOnVanishing(from: number, { worse, better }: Measured): ClaimVerdict {
  if (worse.value === 0) return verdict("not comparable", "It is zero on both sides here.");
  if (better.value > 0) return verdict(better.value < worse.value ? "mechanism only" : "refuted");
  const size = worse.value / from;
  return verdict(size <= SAME_SIZE && size >= 1 / SAME_SIZE ? "confirmed" : "mechanism only");
}

function verdictOnEquality(range: Interval): ClaimVerdict {
  if (range.low >= 1 / EQUAL && range.high <= EQUAL) return verdict("confirmed");
  if (range.high < 1 / EQUAL || range.low > EQUAL) return verdict("refuted");
  return verdict("not comparable", "The interval contains both equal and different sides.");
}

export function verdictOn(figure: Figure, measured: Measured): ClaimVerdict {
  if (figure.kind === "vanishes") return verdictOnVanishing(figure.from, measured);
  const range = rangeOf(measured);
  if (figure.kind === "equal") return verdictOnEquality(range);
  const claimed = claimedTimes(figure);
  // exactly 1 is no difference; a count that is equal on both sides refutes a difference
  if (range.low <= 1) {
    if (claimed !== null && isWithin(claimed, range))
      return verdict("not comparable", "The range of the measured ratio contains both the claim and no difference.");
    const isUndecided = claimed === null && range.high > 1 && measured.interval === null && !measured.isExact;
    return isUndecided
      ? verdict("not comparable", "Too few rounds: a difference of this size can be noise.")
      : verdict("refuted");
  }
  if (claimed === null) return verdict("mechanism only");
  const size = measured.times / claimed;
  return verdict(size <= SAME_SIZE && size >= 1 / SAME_SIZE ? "confirmed" : "mechanism only");
}
