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

export function times(ratio: number | null): string {
  return ratio === null ? UNKNOWN : `${ratio.toFixed(ratio < 10 ? 2 : 1)}x`;
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

/** As coarse as a noisy fraction is known: 0.7 %, 12 % */
export const roughPercent = (fraction: number): string => `${(fraction * 100).toFixed(fraction < 0.1 ? 1 : 0)} %`;

/** Of a machine: 16 GiB */
export const gibibytes = (value: number): string => `${(value / 2 ** 30).toFixed(0)} GiB`;

/** For CSV: without unit and grouping, empty when unknown. */
export const csvNumber = (value: number | null | undefined, decimals = 3): string =>
  value === null || value === undefined ? "" : String(Number(value.toFixed(decimals)));
