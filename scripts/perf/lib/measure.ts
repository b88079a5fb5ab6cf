/** A measure of `npm run perf`. A file in `scripts/perf` exports it as `measure`. */
import type { DatasetParameters } from "../../../fixtures/index.ts";
import { ratioInterval } from "../../../harness/statistics/signed-rank.ts";
import type { Interval } from "../../../harness/statistics/quantiles.ts";
import type { Database, DatabaseSelector } from "../../../harness/database/index.ts";
import { median } from "../../../harness/statistics/quantiles.ts";
import { pairedRatio } from "../../../harness/statistics/pairs.ts";
import type { Log } from "../../../lib/log.ts";

/** Two values of the same pair. `base` is null when the measure compares nothing. */
interface Pair {
  readonly base: number | null;
  readonly candidate: number;
}

/** One number with its input values. */
export interface Figure {
  /** the ratio candidate / base, or milliseconds */
  readonly value: number;
  readonly unit: "x" | "ms";
  /** 95 % interval; null: too few pairs */
  readonly interval: Interval | null;
  readonly pairs: readonly Pair[];
  readonly pairUnit: "ms" | "bytes";
}

/** A further figure, without a limit. */
export interface Part extends Figure {
  readonly label: string;
}

/** The figure that the limit applies to, with a note and further figures for the reader. */
export interface Outcome extends Figure {
  /** one or two sentences: the best or the worst part, and the included work */
  readonly note: string;
  readonly parts: readonly Part[];
}

export interface PerfContext {
  /** the value of --db, for code that opens the database itself */
  readonly selector: DatabaseSelector;
  readonly database: Database;
  /** the requested measures */
  readonly ids: readonly string[];
  readonly pairs: number;
  readonly scale: number;
  readonly seed: number;
  /** the compared libraries */
  readonly orms: readonly string[];
  readonly workers: readonly number[];
  /** the folder of the results */
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
  /** takes hours: runs only if the command line names it; absent: false */
  readonly isOnlyByName?: true;
  run(context: PerfContext): Promise<Outcome>;
}

const FULL_SIZE = { users: 30_000, orders: 1_000_000 };

/** @param fraction of the default dataset, before --scale */
export function datasetOf({ scale }: Pick<PerfContext, "scale">, fraction = 1): DatasetParameters {
  const scaled = (rows: number): number => Math.max(1, Math.round(rows * scale * fraction));
  return { users: scaled(FULL_SIZE.users), orders: scaled(FULL_SIZE.orders), dormantUsers: 0, dataSeed: 1 };
}

/** Users per chunk, in the same proportion to the users as at full size. */
export const chunkUsersOf = ({ scale }: Pick<PerfContext, "scale">): number => Math.max(1, Math.round(500 * scale));

/** @throws when there is no pair, because the ratio is then undefined and not 1 */
export function ratioOf(pairs: readonly { base: number; candidate: number }[], pairUnit: Figure["pairUnit"]): Figure {
  const value = pairedRatio(pairs);
  if (value === null) throw new Error("no pair was measured");
  return { value, unit: "x", interval: ratioInterval(pairs, 0.95), pairs, pairUnit };
}

/** The median of times without a base. */
export function medianTimeOf(samplesMs: readonly number[]): Figure {
  const pairs = samplesMs.map((candidate) => ({ base: null, candidate }));
  return { value: median(samplesMs), unit: "ms", interval: null, pairs, pairUnit: "ms" };
}

/** @throws when there is none */
export function highest<Of extends Figure>(figures: readonly Of[]): Of {
  const [worst] = figures.toSorted((a, b) => b.value - a.value);
  if (worst === undefined) throw new Error("nothing was measured: none of the libraries that were named takes part");
  return worst;
}
