/** Formats numbers for people. An unknown value is a dash, and an estimate has a mark. */

export const UNKNOWN = "-";
export const ESTIMATE_MARK = "~";

/** `MySQL 9.7.4`; a version with a product name stays unchanged: `11.8.3-MariaDB`. */
export function serverName(version: string): string {
  return /mariadb/i.test(version) ? version : `MySQL ${version}`;
}

/** 0.21 ms, 950 ms, 8.12 s, 3.4 min */
export function duration(ms: number | null): string {
  if (ms === null) return UNKNOWN;
  if (ms < 10) return `${ms.toFixed(2)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  if (ms < 100_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  return `${(ms / 60_000).toFixed(1)} min`;
}

export function count(value: number | null): string {
  return value === null ? UNKNOWN : Math.round(value).toLocaleString("en");
}

/** 12.34: a number whose unit stands elsewhere, as in the head of its column */
export const decimal = (value: number | null | undefined, decimals: number): string =>
  value === null || value === undefined ? UNKNOWN : value.toFixed(decimals);

/** Of data, not of text. */
export const rounded = (value: number, decimals: number): number => Number(value.toFixed(decimals));

/** Keeps the unit, for times that a reader compares with each other: 12034 ms */
export const milliseconds = (ms: number, decimals = 0): string => `${ms.toFixed(decimals)} ms`;

/** Keeps the unit: 0.3 s, 12.0 s */
export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** 4.1 µs, 12 µs */
export const microseconds = (us: number): string => `${us.toFixed(us < 10 ? 1 : 0)} µs`;

/** 812 ns, 12.3 µs, 1.24 ms */
export function nanoseconds(ns: number | null): string {
  if (ns === null) return UNKNOWN;
  if (ns < 999.5) return `${ns.toFixed(ns < 10 ? 1 : 0)} ns`;
  if (ns < 999_500) return `${(ns / 1e3).toFixed(ns < 1e5 ? 1 : 0)} µs`;
  return `${(ns / 1e6).toFixed(2)} ms`;
}

/** For "... times as long": 2.12, 21.8, 2,280. Decimals of a large factor mean nothing. */
export const factor = (ratio: number): string => (ratio < 100 ? ratio.toFixed(ratio < 10 ? 2 : 1) : count(ratio));

/** 0.0044x, 0.95x, 1.23x, 56.3x: two decimals showed 0.00x for the hand-written job divided by row-by-row code */
export function times(ratio: number | null): string {
  if (ratio === null) return UNKNOWN;
  return `${ratio > 0 && ratio < 0.1 ? ratio.toPrecision(2) : ratio.toFixed(ratio < 10 ? 2 : 1)}x`;
}

export function mebibytes(bytes: number | null): string {
  return bytes === null ? UNKNOWN : `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}

/** 312 KiB, 12.4 MiB, 890 MiB */
export function bytes(value: number | null): string {
  if (value === null) return UNKNOWN;
  if (value < 2 ** 20) return `${(value / 2 ** 10).toFixed(0)} KiB`;
  return `${(value / 2 ** 20).toFixed(value < 100 * 2 ** 20 ? 1 : 0)} MiB`;
}

export function percent(fraction: number | null): string {
  return fraction === null ? UNKNOWN : `${(fraction * 100).toFixed(1)} %`;
}

/** 45 % */
export const wholePercent = (fraction: number): string => `${(fraction * 100).toFixed(0)} %`;

/** Of a chosen fraction, without a decimal that says nothing: 5 %, 0.5 % */
export const shortPercent = (fraction: number): string => `${rounded(fraction * 100, 1)} %`;

/** Of a change: +12.5 %, -3.0 % */
export const signedPercent = (fraction: number): string => `${fraction <= 0 ? "-" : "+"}${percent(Math.abs(fraction))}`;

/** As coarse as a noisy fraction is known: 0.7 %, 12 % */
export const roughPercent = (fraction: number): string => `${(fraction * 100).toFixed(fraction < 0.1 ? 1 : 0)} %`;

/** Of a machine: 16 GiB */
export const gibibytes = (value: number): string => `${(value / 2 ** 30).toFixed(0)} GiB`;

/** For CSV: without unit and grouping, empty when unknown. */
export const csvNumber = (value: number | null | undefined, decimals = 3): string =>
  value === null || value === undefined ? "" : String(rounded(value, decimals));
