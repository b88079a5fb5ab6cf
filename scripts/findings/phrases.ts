/** Phrases that the findings share. */
import { duration, times } from "../../harness/text/format.ts";
import type { Measured } from "../claims/measured.ts";
import { rangeOf } from "../claims/verdict.ts";

/** The records support that the second side is better. */
export const isBetter = (measured: Measured): boolean => rangeOf(measured).low > 1;

/** The records support no difference. */
export function isUndecided(measured: Measured): boolean {
  const { low, high } = rangeOf(measured);
  return low <= 1 && high >= 1;
}

/** `68.2 times`; for sentences */
export const factor = (ratio: number): string => `${times(ratio).replace(/x$/, "")} times`;

/** `1.21 times (1.03 to 1.45)` with an interval, else without */
export function factorWithin({ times: ratio, interval }: Measured): string {
  const plain = (value: number): string => times(value).replace(/x$/, "");
  return interval === null ? factor(ratio) : `${plain(ratio)} times (${plain(interval.low)} to ${plain(interval.high)})`;
}

/** `13.2 min to 11.6 s`; `~` marks an estimate */
export function fromTo({ worse, better }: Measured): string {
  const text = ({ value, isEstimate }: Measured["worse"]): string => `${isEstimate ? "~" : ""}${duration(value)}`;
  return `${text(worse)} to ${text(better)}`;
}
