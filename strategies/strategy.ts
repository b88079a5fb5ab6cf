/**
 * The interface of a technique that persists the job's decisions. A technique depends on no ORM and uses only the operations
 * of a session. Each file in this folder exports one technique as `strategy`.
 */
import type { ApiLevel, Capability, OrmSession } from "../orms/orm.ts";
import type { Window } from "../workload/calendar.ts";
import type { KeyScheme } from "./keys/key.ts";

/** The separately timed parts of the job. */
export type Phase = "read" | "badges" | "grades" | "coupons";

/** A span of user ids, both ends included. */
export interface Partition {
  readonly firstUserId: number;
  readonly lastUserId: number;
  /** only each `every`-th user, from the first: the users of one remainder; absent: all users of the span */
  readonly every?: number;
}

/** @typeParam Session the ORM's own class, for code of one ORM */
export interface StrategyContext<Session extends OrmSession = OrmSession> {
  readonly session: Session;
  readonly key: KeyScheme;
  /** identifies this run of the job in every row that it writes */
  readonly runId: number;
  /** the job counts the orders inside it */
  readonly window: Window;
  /** the change time in written rows: fixed per run, so that a rerun writes the same rows */
  readonly changedAt: Date;
  /** the users that this call processes */
  readonly partition: Partition;
  /** users per chunk */
  readonly chunkUsers: number;

  /** Adds the time of `work` to a phase. Only the harness measures time. */
  readonly phase: <T>(phase: Phase, work: () => Promise<T>) => Promise<T>;
  /**
   * Runs `work` again after a deadlock or a lock wait timeout, with the retry policy that all techniques share. The harness
   * counts each retry.
   */
  readonly retry: <T>(work: () => Promise<T>) => Promise<T>;
  /**
   * Reports that all users of the partition up to and including `throughUserId` are committed. Call it often: a cell's time
   * limit stops the strategy at this point with an exception, which the strategy must not catch.
   * @param targets number of additional target users that this includes
   */
  readonly finished: (throughUserId: number, targets: number) => void;
}

/** The number of waits for the server: one per written row, a few per chunk of users, or a few in total. */
export type RoundTrips = "per-row" | "per-chunk" | "once";

/** The needs of the technique on the server. `bench` skips the cell on other servers, with the reason. */
export interface ServerNeeds {
  /** oldest version of MySQL, such as `8.0.19`; absent: every supported one */
  readonly mysql?: string;
  /** oldest version of MariaDB; null: no version; absent: every one */
  readonly mariadb?: string | null;
  /** the server permits LOAD DATA LOCAL */
  readonly localInfile?: true;
  /** the server permits CREATE TEMPORARY TABLE in a transaction */
  readonly temporaryTables?: true;
}

export interface Strategy {
  readonly id: string;
  /** one line for `bench list` */
  readonly summary: string;
  readonly requires: readonly Capability[];
  /** set if the technique determines the level; otherwise the level of the ORM's session operations applies */
  readonly api?: ApiLevel;
  /** whether the strategy works in chunks of users, so that `--chunk` has an effect */
  readonly usesChunks: boolean;
  /** whether each of several workers may run the strategy for a separate partition */
  readonly splitsByUsers: boolean;
  /** How often the strategy waits for the server, for the estimate before a run on a distant server. Absent: no estimate. */
  readonly roundTrips?: RoundTrips;
  readonly server?: ServerNeeds;
  run(context: StrategyContext): Promise<void>;
}

/**
 * A technique in the idiom of one library that differs from a session's operations, such as a unit of work. The file
 * `orms/<orm>/<strategy>.ts` exports it as `nativeVariant`, and it replaces the general code of the strategy. It imports
 * only types of the library and gets everything else from its session, so that `bench list` loads no library.
 */
export interface NativeVariant<Session extends OrmSession = OrmSession> {
  readonly api: ApiLevel;
  /** one line for `bench list`: the difference to the general code */
  readonly summary: string;
  run(context: StrategyContext<Session>): Promise<void>;
}

/** The parts of a technique that the harness holds: plain data. Only processes that measure run its code. */
export type StrategyDescription = Omit<Strategy, "run">;
export type NativeVariantDescription = Omit<NativeVariant, "run">;
