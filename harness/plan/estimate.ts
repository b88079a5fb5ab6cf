/**
 * What a run will roughly take on a server that isn't ours, before anything is made there. Times are of the order of
 * magnitude: how fast the server works is not known yet, only how far away it is.
 */
import type { DatasetParameters } from "../../fixtures/index.ts";
import type { PlannedCell } from "./planned-cell.ts";

/**
 * Of the files of all tables with their indexes, after a run with UUID keys had filled them: 92 MB for the orders, 167 MB for
 * everything else (30,000 users, 1,000,000 orders, MySQL 9.7.4, information_schema.innodb_tablespaces). Most of what is not
 * orders grows with the users: badges, their snapshot and the expected ones, grades, logs, coupons.
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

/** What the server computes however it is asked: `set-based` took 7.4 s for a million orders (README.md). */
const WORK_MS_PER_ORDER = 0.0074;
/** A process, its warm-up, the reset, the wait for a quiet server and the verification. */
const AROUND_SAMPLE_MS = 5_000;

export const bytesOf = ({ users, dormantUsers, orders }: DatasetParameters): number =>
  orders * BYTES_PER_ORDER + (users + dormantUsers) * BYTES_PER_USER;

/** @returns null where the strategy doesn't say */
function roundTripsOf({ cell, orm, roundTrips }: PlannedCell, users: number): number | null {
  const { insertOne, updateOne } = orm.statements;
  if (roundTrips === null) return null;
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
  /** of one sample, as the clock will show it; null: neither its round trips nor a limit are known */
  readonly sampleMs: number | null;
  /** whether the limit is what ends it */
  readonly isLimited: boolean;
}

export interface TimeEstimate {
  readonly cells: readonly CellEstimate[];
  /** of all samples with what is around them; of the cells that can't be estimated only that */
  readonly totalMs: number;
}

/** @param samples of a cell still to be taken, by its id */
export function estimateTime(
  cells: readonly PlannedCell[],
  dataset: DatasetParameters,
  rttMs: number,
  samples: (cellId: string) => number,
): TimeEstimate {
  const users = dataset.users + dataset.dormantUsers;
  const estimates = cells
    .filter(({ skipReason }) => skipReason === null)
    .map((planned): CellEstimate => {
      const roundTrips = roundTripsOf(planned, users);
      const freeMs =
        roundTrips === null ? null : roundTrips * (rttMs + (planned.cell.addedRttMs ?? 0)) + dataset.orders * WORK_MS_PER_ORDER;
      const isLimited = planned.limitMs !== null && (freeMs === null || freeMs > planned.limitMs);
      return { id: planned.cell.id, sampleMs: isLimited ? planned.limitMs : freeMs, isLimited };
    });
  const totalMs = estimates.reduce((sum, { id, sampleMs }) => sum + samples(id) * ((sampleMs ?? 0) + AROUND_SAMPLE_MS), 0);
  return { cells: estimates, totalMs };
}
