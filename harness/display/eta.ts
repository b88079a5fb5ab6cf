/**
 * How long the rest of a run will take. A sample costs its run, and what stands around it (a process, warm-up, reset, settling,
 * verification). What is assumed of a run that is still to come, the best known first:
 *
 * 1. the median of the cell's own earlier runs;
 * 2. of the cell that runs for the first time, the pace it has had so far;
 * 3. the mean of the cells of the same technique, because a technique tells more than a library; else of all cells; neither
 *    more than the cell's limit;
 * 4. the limit.
 *
 * What stands around it is assumed to take as long as it has taken around the other samples, in the median.
 */
import { median } from "../statistics/robust.ts";

export interface CellHistory {
  readonly strategy: string;
  /** stops a run after this long */
  readonly limitMs: number | null;
  /** earlier runs */
  readonly runsMs: readonly number[];
  /** samples that are still to begin */
  readonly samplesToCome: number;
}

export interface SampleUnderWay {
  readonly cell: CellHistory;
  /** since the sample began */
  readonly elapsedMs: number;
  /** since its run began, up to its end; null before */
  readonly runMs: number | null;
  readonly isRunOver: boolean;
  /** the last that was heard: how much of the run was done, from 0 to 1, after how long; null: nothing yet */
  readonly heard: { readonly fraction: number; readonly runMs: number } | null;
}

/** A pace of less than this says little. */
const MIN_PACE_MS = 2_000;

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
const medianOf = (values: readonly number[]): number | null => (values.length === 0 ? null : median(values));

/** The whole run at the pace it has had so far. */
function pacedRunMs({ heard }: SampleUnderWay): number | null {
  return heard === null || heard.fraction === 0 || heard.runMs < MIN_PACE_MS ? null : heard.runMs / heard.fraction;
}

/** The more of it is done, the less earlier runs tell and the more this one's own pace. */
function currentRunMs(current: SampleUnderWay, expectedMs: number): number {
  const pacedMs = pacedRunMs(current);
  if (pacedMs === null) return expectedMs;
  const fraction = current.heard?.fraction ?? 0;
  return fraction * pacedMs + (1 - fraction) * (current.cell.runsMs.length === 0 ? pacedMs : expectedMs);
}

/**
 * @param aroundMs what stood around each finished sample
 * @returns null as long as there is nothing to tell it from
 */
export function remainingMs(
  cells: readonly CellHistory[],
  current: SampleUnderWay | null,
  aroundMs: readonly number[],
): number | null {
  const known = new Map(
    cells.flatMap((cell) => {
      const runMs = medianOf(cell.runsMs) ?? (cell === current?.cell ? pacedRunMs(current) : null);
      return runMs === null ? [] : [[cell, runMs]];
    }),
  );
  const others = [...known];
  const expectedMs = (cell: CellHistory): number | null => {
    const alike = others.filter(([{ strategy }]) => strategy === cell.strategy);
    const guess = known.get(cell) ?? mean((alike.length > 0 ? alike : others).map(([, runMs]) => runMs)) ?? cell.limitMs;
    return guess === null ? null : Math.min(guess, cell.limitMs ?? Number.POSITIVE_INFINITY);
  };
  const aroundEachMs = medianOf(aroundMs) ?? (current === null ? 0 : current.elapsedMs - (current.runMs ?? 0));

  let sumMs = 0;
  for (const cell of cells) {
    const isCurrent = cell === current?.cell;
    if (cell.samplesToCome === 0 && !isCurrent) continue;
    const runMs = expectedMs(cell);
    if (runMs === null) return null;
    sumMs += cell.samplesToCome * (runMs + aroundEachMs);
    if (isCurrent) sumMs += remainingOfCurrentMs(current, runMs, aroundEachMs);
  }
  return sumMs;
}

function remainingOfCurrentMs(current: SampleUnderWay, expectedMs: number, aroundMs: number): number {
  const { elapsedMs, runMs, isRunOver, cell } = current;
  const ranMs = runMs ?? 0;
  const wholeRunMs = Math.min(currentRunMs(current, expectedMs), cell.limitMs ?? Number.POSITIVE_INFINITY);
  const restOfRunMs = isRunOver ? 0 : Math.max(0, wholeRunMs - ranMs);
  return restOfRunMs + Math.max(0, aroundMs - (elapsedMs - ranMs));
}

const MIN_GLIDE_MS = 1_000;
const MAX_GLIDE_MS = 20_000;
const GLIDE_SHARE = 0.1;

/** The end that is shown glides towards what is thought anew, so that a surprise does not make it jump. */
export class SteadyEta {
  #endAt: number | null = null;
  #updatedAt = 0;

  /** @returns the milliseconds left to show; null as long as there has been no estimate */
  update(remaining: number | null, now: number): number | null {
    if (remaining !== null) {
      const glideMs = Math.min(MAX_GLIDE_MS, Math.max(MIN_GLIDE_MS, remaining * GLIDE_SHARE));
      const part = 1 - Math.exp(-(now - this.#updatedAt) / glideMs);
      this.#endAt = this.#endAt === null ? now + remaining : this.#endAt + (now + remaining - this.#endAt) * part;
      this.#updatedAt = now;
    }
    return this.#endAt === null ? null : Math.max(0, this.#endAt - now);
  }
}

const S = 1_000;
const MIN = 60 * S;

/** As coarse as it is uncertain: "about 45 s left", "about 12 min left", "about 1 h 20 min left". */
export function left(ms: number): string {
  if (ms < 5 * S) return "a few seconds left";
  if (ms < 100 * S) return `about ${Math.round(ms / (5 * S)) * 5} s left`;
  const minutes = Math.round(ms / MIN);
  if (minutes < 100) return `about ${minutes} min left`;
  const tens = Math.round(minutes / 10);
  return `about ${Math.floor(tens / 6)} h${tens % 6 === 0 ? "" : ` ${(tens % 6) * 10} min`} left`;
}

/** 45 s, 2 min 10 s, 1 h 20 min */
export function elapsed(ms: number): string {
  const seconds = Math.floor(ms / S);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
