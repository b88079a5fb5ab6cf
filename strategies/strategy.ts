/**
 * What a technique of persisting the job's decisions must offer. It knows no ORM: it works by the operations of a
 * session. One file per technique in this folder; each exports `strategy`.
 */
import type { ApiLevel, Capability, OrmSession } from "../orms/orm.ts";
import type { Window } from "../workload/calendar.ts";
import type { KeyScheme } from "./keys/key.ts";

/** The parts of the job that are timed apart. */
export type Phase = "read" | "badges" | "grades" | "coupons";

/** A contiguous span of user ids, both ends included. */
export interface Partition {
  readonly firstUserId: number;
  readonly lastUserId: number;
}

/** @typeParam Session the ORM's own class where the code is written for one ORM */
export interface StrategyContext<Session extends OrmSession = OrmSession> {
  readonly session: Session;
  readonly key: KeyScheme;
  /** identifies this run of the job in every row it writes */
  readonly runId: number;
  /** orders inside it count */
  readonly window: Window;
  /** the moment that changed rows carry: fixed per run, so that a rerun writes the same rows */
  readonly changedAt: Date;
  /** the users that this call is responsible for */
  readonly partition: Partition;
  /** users per chunk */
  readonly chunkUsers: number;

  /** Books the time of `work` under a phase. The only clock is the harness's. */
  readonly phase: <T>(phase: Phase, work: () => Promise<T>) => Promise<T>;
  /** Runs `work` again after a deadlock or a lock wait time-out, by the one policy that all partition; each retry is counted. */
  readonly retry: <T>(work: () => Promise<T>) => Promise<T>;
  /**
   * Says that every user of the partition up to and including `throughUserId` is done and committed. Call it often: it is
   * where a cell's time limit stops the strategy (by throwing, which must not be caught).
   * @param targets how many more target users that makes
   */
  readonly finished: (throughUserId: number, targets: number) => void;
}

/** For each row that it writes, a few times for each chunk of users, or a few times in all. */
export type RoundTrips = "per-row" | "per-chunk" | "once";

export interface Strategy {
  readonly id: string;
  /** one line for `bench list` */
  readonly summary: string;
  readonly requires: readonly Capability[];
  /** where the technique decides it; otherwise the ORM's own level of its session operations */
  readonly api?: ApiLevel;
  /** whether it works in chunks of users, so that `--chunk` makes a difference */
  readonly usesChunks: boolean;
  /** whether each of several workers may run it for a partition of the users of its own */
  readonly splitsByUsers: boolean;
  /** How often it waits for the server, for an estimate before a run on a distant one. Absent: not estimated. */
  readonly roundTrips?: RoundTrips;
  run(context: StrategyContext): Promise<void>;
}

/**
 * A technique in one library's own words, where its idiom is another than a session's operations: a unit of work, for
 * example. It lies in `orms/<orm>/<strategy>.ts`, exports `nativeVariant`, and takes the place of the strategy's general code.
 * It imports the library by types alone and gets everything else from its session, so that listing loads no library.
 */
export interface NativeVariant<Session extends OrmSession = OrmSession> {
  readonly api: ApiLevel;
  /** one line for `bench list`: what it does otherwise */
  readonly summary: string;
  run(context: StrategyContext<Session>): Promise<void>;
}
