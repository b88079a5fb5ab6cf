/**
 * Estimates how long the rest of a run takes. A sample consists of its run and its overhead: process, warm-up, reset, quiesce
 * and verification. The estimate of a future run is the first of these that exists:
 *
 * 1. the median of the cell's earlier runs;
 * 2. for the current cell in its first run, the pace so far;
 * 3. the mean over the cells of the same technique, else over all cells, at most the cell's limit: a technique predicts the
 *    duration better than a library does;
 * 4. the limit.
 *
 * The estimate of a sample's overhead is the median overhead of the finished samples.
 */
import { mean, medianOrNull } from "../statistics/quantiles.ts";

export interface CellHistory {
  readonly strategy: string;
  /** the harness stops a run after this time */
  readonly limitMs: number | null;
  /** earlier runs */
  readonly runsMs: readonly number[];
  /** the plan measures it in the first rounds only, because its samples are long: no measure for other techniques */
  readonly isRare: boolean;
  /** samples that have not begun */
  readonly samplesToCome: number;
}

export interface SampleUnderWay {
  readonly cell: CellHistory;
  /** since the sample began */
  readonly elapsedMs: number;
  /** since its run began, up to its end; null before */
  readonly runMs: number | null;
  readonly isRunOver: boolean;
  /** the last progress report: the fraction of the run that was done after `runMs`; null: no report yet */
  readonly reported: { readonly fraction: number; readonly runMs: number } | null;
}

/** A pace from a shorter time is too inaccurate for an estimate. */
const MIN_PACE_MS = 2_000;

const meanOrNull = (values: readonly number[]): number | null => (values.length === 0 ? null : mean(values));

/** @returns the duration of the whole run at the pace so far */
function pacedRunMs({ reported }: SampleUnderWay): number | null {
  return reported === null || reported.fraction === 0 || reported.runMs < MIN_PACE_MS ? null : reported.runMs / reported.fraction;
}

/** As the run advances, the weight moves from the earlier runs to the pace of this run. */
function currentRunMs(current: SampleUnderWay, expectedMs: number): number {
  const pacedMs = pacedRunMs(current);
  if (pacedMs === null) return expectedMs;
  const fraction = current.reported?.fraction ?? 0;
  return fraction * pacedMs + (1 - fraction) * (current.cell.runsMs.length === 0 ? pacedMs : expectedMs);
}

/**
 * @param aroundMs overhead of each finished sample
 * @returns null while an estimate has no data
 */
export function remainingMs(
  cells: readonly CellHistory[],
  current: SampleUnderWay | null,
  aroundMs: readonly number[],
): number | null {
  const known = new Map(
    cells.flatMap((cell) => {
      const runMs = medianOrNull(cell.runsMs) ?? (cell === current?.cell ? pacedRunMs(current) : null);
      return runMs === null ? [] : [[cell, runMs]];
    }),
  );
  const others = [...known];
  const expectedMs = (cell: CellHistory): number | null => {
    const alike = others.filter(([{ strategy }]) => strategy === cell.strategy);
    const typical = others.filter(([{ isRare }]) => !isRare);
    const similar = alike.length > 0 ? alike : typical.length > 0 ? typical : others;
    const guess = known.get(cell) ?? meanOrNull(similar.map(([, runMs]) => runMs)) ?? cell.limitMs;
    return guess === null ? null : Math.min(guess, cell.limitMs ?? Number.POSITIVE_INFINITY);
  };
  const aroundEachMs = medianOrNull(aroundMs) ?? (current === null ? 0 : current.elapsedMs - (current.runMs ?? 0));

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
const GLIDE_FRACTION = 0.1;

/** The displayed end moves gradually towards each new estimate, so that a surprising sample does not make it jump. */
export class SteadyEta {
  #endAt: number | null = null;
  #updatedAt = 0;

  /** @returns the milliseconds left to show; null before the first estimate */
  update(remaining: number | null, now: number): number | null {
    if (remaining !== null) {
      const glideMs = Math.min(MAX_GLIDE_MS, Math.max(MIN_GLIDE_MS, remaining * GLIDE_FRACTION));
      const part = 1 - Math.exp(-(now - this.#updatedAt) / glideMs);
      this.#endAt = this.#endAt === null ? now + remaining : this.#endAt + (now + remaining - this.#endAt) * part;
      this.#updatedAt = now;
    }
    return this.#endAt === null ? null : Math.max(0, this.#endAt - now);
  }
}

const S = 1_000;
const MIN = 60 * S;

/** Rounds by the uncertainty of the estimate: "about 45 s left", "about 12 min left", "about 1 h 20 min left". */
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
