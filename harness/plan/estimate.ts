/**
 * Estimates size and time of a run on a server that bench does not manage, before bench creates anything there. Times are orders
 * of magnitude: bench measured only the round trip, not the speed of the server.
 */
import type { DatasetParameters } from "../../fixtures/index.ts";
import { countOf } from "../../orms/orm.ts";
import type { PlannedCell } from "./planned-cell.ts";

/**
 * Sizes of all table files with indexes after a run with UUID keys: 92 MB for orders, 167 MB for all other tables (30,000 users,
 * 1,000,000 orders, MySQL 9.7.4, information_schema.innodb_tablespaces). Most other tables grow with the users: badges with
 * snapshot and expected rows, grades, logs, coupons.
 */
const BYTES_PER_ORDER = 92;
const BYTES_PER_USER = 5_600;

/** At the default data 30,000 users get 30,000 logs and 155,000 coupons, and 58,000 badges change. */
const INSERTS_PER_USER = 6.2;
const UPDATES_PER_USER = 2.9;
const READS_PER_USER = 2;
/** `chunked`: 1,204 statements for 60 chunks. */
const ROUND_TRIPS_PER_CHUNK = 20;
const ROUND_TRIPS_AT_LEAST = 20;

/** Work of the server for every technique: `set-based` took 7.4 s for a million orders (README.md). */
const WORK_MS_PER_ORDER = 0.0074;
/** Rows of an earlier run: insert once, import of a file or insert before each sample, and checksum after it (adr/0017). */
const BUILD_MS_PER_EARLIER_ROW = 0.025;
const IMPORT_MS_PER_EARLIER_ROW = 0.005;
const REPLAY_MS_PER_EARLIER_ROW = 0.02;
/** Of 1,857,000 rows with random keys as bytes: 265 MB of files, once in the tables and once for their restoration. */
const BYTES_PER_EARLIER_ROW = 285;

/** Process start, warm-up, reset, wait for a quiet server, verification. */
export const AROUND_SAMPLE_MS = 5_000;

const earlierRowsOf = ({ prefill }: PlannedCell, { users }: DatasetParameters): number =>
  (prefill?.times ?? 0) * users * INSERTS_PER_USER;

/** Each kind of earlier rows, once. */
const kindsOf = (cells: readonly PlannedCell[]): PlannedCell[] => [
  ...new Map(
    cells
      .filter(({ prefill, skipReason }) => prefill !== null && skipReason === null)
      .map((planned) => [`${planned.prefill?.times} ${planned.prefill?.key.id}`, planned]),
  ).values(),
];

/** @param cells those to measure, because each kind of earlier rows takes space */
export const bytesOf = (dataset: DatasetParameters, cells: readonly PlannedCell[] = []): number =>
  dataset.orders * BYTES_PER_ORDER +
  (dataset.users + dataset.dormantUsers) * BYTES_PER_USER +
  kindsOf(cells).reduce((sum, planned) => sum + earlierRowsOf(planned, dataset) * BYTES_PER_EARLIER_ROW, 0);

/** @returns null for a strategy that declares no round trips */
function roundTripsOf({ cell, key, orm, roundTrips }: PlannedCell, users: number): number | null {
  if (roundTrips === null) return null;
  const { updateOne } = orm.statements;
  const insertOne = countOf(orm.statements.insertOne, key.storage);
  const perUser = READS_PER_USER + INSERTS_PER_USER * insertOne + UPDATES_PER_USER * updateOne;
  const shared = {
    "per-row": users * perUser,
    "per-chunk": ROUND_TRIPS_PER_CHUNK * Math.ceil(users / (cell.chunkUsers ?? users)),
    once: 0,
  }[roundTrips];
  return ROUND_TRIPS_AT_LEAST + shared / cell.workers;
}

interface CellEstimate {
  readonly id: string;
  /** time of one sample in ms; null without declared round trips and without a limit */
  readonly sampleMs: number | null;
  /** true if the limit ends the sample */
  readonly isLimited: boolean;
}

export interface TimeEstimate {
  readonly cells: readonly CellEstimate[];
  /** ms of all samples with their overhead; with the first insert of earlier rows; cells without an estimate count only with the overhead */
  readonly totalMs: number;
}

/**
 * @param samples number of missing samples of a cell
 * @param isManaged true: a server that bench starts, which restores earlier rows from files
 */
export function estimateTime(
  cells: readonly PlannedCell[],
  dataset: DatasetParameters,
  rttMs: number,
  samples: (planned: PlannedCell) => number,
  isManaged = false,
): TimeEstimate {
  const users = dataset.users + dataset.dormantUsers;
  const measured = cells.filter(({ skipReason }) => skipReason === null);
  const estimates = measured.map((planned): CellEstimate => {
    const roundTrips = roundTripsOf(planned, users);
    const freeMs =
      roundTrips === null ? null : roundTrips * (rttMs + (planned.cell.addedRttMs ?? 0)) + dataset.orders * WORK_MS_PER_ORDER;
    const isLimited = planned.limitMs !== null && (freeMs === null || freeMs > planned.limitMs);
    return { id: planned.cell.id, sampleMs: isLimited ? planned.limitMs : freeMs, isLimited };
  });
  const perEarlierRow = isManaged ? IMPORT_MS_PER_EARLIER_ROW : REPLAY_MS_PER_EARLIER_ROW;
  const buildMs = kindsOf(cells).reduce((sum, planned) => sum + earlierRowsOf(planned, dataset) * BUILD_MS_PER_EARLIER_ROW, 0);
  const totalMs = measured.reduce((sum, planned, index) => {
    const aroundMs = AROUND_SAMPLE_MS + earlierRowsOf(planned, dataset) * perEarlierRow;
    return sum + samples(planned) * ((estimates[index]?.sampleMs ?? 0) + aroundMs);
  }, buildMs);
  return { cells: estimates, totalMs };
}
