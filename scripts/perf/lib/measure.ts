/** What a measure of `npm run perf` is: a file beside this folder that exports one as `measure`. */
import type { DatasetParameters } from "../../../fixtures/index.ts";
import { ratioInterval, type Interval } from "../../../harness/statistics/signed-rank.ts";
import type { Database, DatabaseSelector } from "../../../harness/database/index.ts";
import { median, pairedRatio } from "../../../harness/statistics/robust.ts";
import type { Log } from "../../../lib/log.ts";

/** Two values of the same pair; no base where nothing is compared. */
interface Pair {
  readonly base: number | null;
  readonly candidate: number;
}

/** One number, and everything that it was computed from. */
export interface Figure {
  /** the ratio candidate / base, or milliseconds */
  readonly value: number;
  readonly unit: "x" | "ms";
  /** 95 %; null: too few pairs for one */
  readonly interval: Interval | null;
  readonly pairs: readonly Pair[];
  readonly pairUnit: "ms" | "bytes";
}

/** A figure that stands beside the one under the limit. */
export interface Part extends Figure {
  readonly label: string;
}

/** The figure that the limit applies to, and what a reader needs beside it. */
export interface Outcome extends Figure {
  /** one or two sentences: what was best or worst, what was included */
  readonly note: string;
  readonly parts: readonly Part[];
}

export interface PerfContext {
  /** the value of --db, for what opens it by itself */
  readonly selector: DatabaseSelector;
  readonly database: Database;
  /** the measures that were asked for */
  readonly ids: readonly string[];
  readonly pairs: number;
  readonly scale: number;
  readonly seed: number;
  /** the libraries that are compared */
  readonly orms: readonly string[];
  readonly workers: readonly number[];
  /** where the results go */
  readonly folder: string;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export interface PerfMeasure {
  /** the file's name */
  readonly id: string;
  readonly what: string;
  readonly against: string;
  /** null: for information */
  readonly limit: number | null;
  readonly unit: Figure["unit"];
  run(context: PerfContext): Promise<Outcome>;
}

const FULL_SIZE = { users: 30_000, orders: 1_000_000 };

/** @param partition of the default dataset, before --scale */
export function datasetOf({ scale }: Pick<PerfContext, "scale">, partition = 1): DatasetParameters {
  const scaled = (rows: number): number => Math.max(1, Math.round(rows * scale * partition));
  return { users: scaled(FULL_SIZE.users), orders: scaled(FULL_SIZE.orders), dormantUsers: 0, dataSeed: 1 };
}

/** Users per chunk, in the same proportion to the users as at full size. */
export const chunkUsersOf = ({ scale }: Pick<PerfContext, "scale">): number => Math.max(1, Math.round(500 * scale));

/** @throws where there is no pair: a ratio of nothing is not 1 */
export function ratioOf(pairs: readonly { base: number; candidate: number }[], pairUnit: Figure["pairUnit"]): Figure {
  const value = pairedRatio(pairs);
  if (value === null) throw new Error("no pair was measured");
  return { value, unit: "x", interval: ratioInterval(pairs, 0.95), pairs, pairUnit };
}

/** The median of times with nothing to compare them with. */
export function medianTimeOf(samplesMs: readonly number[]): Figure {
  const pairs = samplesMs.map((candidate) => ({ base: null, candidate }));
  return { value: median(samplesMs), unit: "ms", interval: null, pairs, pairUnit: "ms" };
}

/** @throws where there is none */
export function highest<Of extends Figure>(figures: readonly Of[]): Of {
  const [worst] = figures.toSorted((a, b) => b.value - a.value);
  if (worst === undefined) throw new Error("nothing was measured: none of the libraries that were named takes part");
  return worst;
}
