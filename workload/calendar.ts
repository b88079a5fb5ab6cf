/** The job's dates. Fixed, because results are compared by content: a date of today would change every row. */

/** The night for which grades are renewed. */
export const TARGET_DATE = new Date("2026-01-01T00:00:00Z");

/** A half-open span of time, `from` inclusive, `to` exclusive. */
export interface Window {
  readonly from: Date;
  readonly to: Date;
}

const WINDOW_MONTHS = 3;

/** The whole calendar months (UTC) before a target date whose orders count. */
export function windowBefore(targetDate: Date): Window {
  const to = new Date(Date.UTC(targetDate.getUTCFullYear(), targetDate.getUTCMonth(), 1));
  const from = new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth() - WINDOW_MONTHS, 1));
  return { from, to };
}
