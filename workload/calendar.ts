/** The dates of the job. They are fixed, because results are compared by content: the current date would change every row. */

/** The date for which the job renews grades. */
export const TARGET_DATE = new Date("2026-01-01T00:00:00Z");

/** A half-open span of time: `from` inclusive, `to` exclusive. */
export interface Window {
  readonly from: Date;
  readonly to: Date;
}

const WINDOW_MONTHS = 3;

/** The three whole calendar months (UTC) before a target date. The job counts their orders. */
export function windowBefore(targetDate: Date): Window {
  const to = new Date(Date.UTC(targetDate.getUTCFullYear(), targetDate.getUTCMonth(), 1));
  const from = new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth() - WINDOW_MONTHS, 1));
  return { from, to };
}
