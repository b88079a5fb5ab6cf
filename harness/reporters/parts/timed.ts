/** Cells with a time, as charts draw them. */
import type { CellSummary } from "../../results/summary.ts";
import { duration, ESTIMATE_MARK } from "../../text/format.ts";
import { displayRow } from "./rows.ts";

const MS_PER_S = 1_000;

export interface Timed {
  readonly name: string;
  readonly library: string;
  readonly seconds: number;
  /** 95 % interval of the median, else the fastest and the slowest sample, in seconds; both equal `seconds` for one sample */
  readonly low: number;
  readonly high: number;
  readonly label: string;
  readonly isEstimated: boolean;
  readonly hasInterval: boolean;
}

/** The parts of a chart besides its data. */
export interface ChartFrame {
  readonly title: string;
  readonly subtitle: readonly string[];
  /** library -> colour */
  readonly colours: ReadonlyMap<string, string>;
}

/** `chunked · 500 · prisma`: everything that distinguishes a cell; the usual key is left out. */
function nameOf(summary: CellSummary): string {
  const { technique, chunk, orm, key } = displayRow(summary);
  return [technique, ...(summary.cell.chunkUsers === null ? [] : [chunk]), orm, ...(key === "identity" ? [] : [key])].join(" · ");
}

/** @returns null for a cell without a time */
export function timed(summary: CellSummary): Timed | null {
  const { cell, medianWallMs, minWallMs, maxWallMs, wallInterval, estimatedWallMs } = summary;
  const shown = { name: nameOf(summary), library: cell.orm };
  if (medianWallMs !== null) {
    const [low, high] = wallInterval === null ? [minWallMs, maxWallMs] : [wallInterval.low, wallInterval.high];
    return {
      ...shown,
      seconds: medianWallMs / MS_PER_S,
      low: (low ?? medianWallMs) / MS_PER_S,
      high: (high ?? medianWallMs) / MS_PER_S,
      label: duration(medianWallMs),
      isEstimated: false,
      hasInterval: wallInterval !== null,
    };
  }
  if (estimatedWallMs === null) return null;
  const seconds = estimatedWallMs / MS_PER_S;
  const label = `${ESTIMATE_MARK}${duration(estimatedWallMs)}`;
  return { ...shown, seconds, low: seconds, high: seconds, label, isEstimated: true, hasInterval: false };
}

/** Explains the lines beside the values; empty without any. */
export function rangeText(cells: readonly Timed[]): string {
  const ranged = cells.filter(({ low, high }) => low < high);
  if (ranged.length === 0) return "";
  const [intervals, ranges] = ["95 % interval of the median", "fastest to slowest sample"];
  if (ranged.every(({ hasInterval }) => hasInterval)) return `line: ${intervals}`;
  return ranged.some(({ hasInterval }) => hasInterval) ? `line: ${intervals}, or ${ranges}` : `line: ${ranges}`;
}
