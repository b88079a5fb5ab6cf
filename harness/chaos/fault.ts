/** A fault: what happens to the cluster in the middle of a run. Each file in faults/ exports one as `fault`. */
import type { ChaosMember } from "./member.ts";
import type { Held } from "./proxy/held.ts";
import type { Point } from "./proxy/points.ts";

/** The MySQL server, where bench manages it. */
export interface ServerControl {
  /** SIGKILL */
  kill(): Promise<void>;
  /** a clean shutdown */
  stop(): Promise<void>;
  start(): Promise<void>;
  /**
   * No file of the server may grow beyond its present binary log and so many bytes.
   * @returns false if this system cannot limit a running process
   */
  fillDisk(roomBytes: number): Promise<boolean>;
  /** Waits for the end of the server. */
  untilEnded(): Promise<void>;
}

/** A connection of a member at a point of its work. */
export interface Reached {
  readonly member: ChaosMember;
  readonly held: Held;
}

/** How members leave the cluster. */
export interface Leaving {
  /** between the begins of two members that leave */
  readonly everyMs?: number;
  /** The member has left, and its process has ended. */
  readonly onLeft?: (member: ChaosMember) => void;
}

/** The view of a fault on a trial, and its actions. */
export interface Stage {
  readonly members: readonly ChaosMember[];
  /** connections of a member for requests */
  readonly poolConnections: number;
  /** aborted when the run has ended */
  readonly runEnded: AbortSignal;
  readonly leaseMs: number;
  /** null: bench does not manage the server */
  readonly server: ServerControl | null;
  /** the number of the batch, after its start was acknowledged */
  readonly batchId: Promise<number>;
  /** Seeded. @returns a whole number from 0 to below `limit` */
  draw(limit: number): number;
  /** a member by seed */
  victim(): ChaosMember;
  /**
   * Holds a connection of the member at a point of its work.
   * @param skip so many statements at this point pass before
   * @returns null: the run ended before
   */
  reach(member: ChaosMember, point: Point, skip?: number): Promise<Held | null>;
  /** Holds the first connection of any member at a point. @returns null: the run ended before */
  reachFirst(point: Point): Promise<Reached | null>;
  /**
   * The run must last: members wait at least so long between two rounds. Only before the first `await` of a fault, because the request of
   * the batch follows.
   */
  pauseAtLeast(ms: number): void;
  /** Waits until so many users are done, or the run has ended. @param fraction of all users */
  progress(fraction: number): Promise<void>;
  wait(ms: number): Promise<void>;
  /** Waits for the end of the run. @param limits absent: at most until the run violates its invariant */
  untilEnded(limits?: { readonly atLeastMs?: number; readonly atMostMs?: number }): Promise<void>;
  /** States that the fault acts now. A trial without a mark before the end of the run had no fault. */
  mark(what: string): void;
  /** The fault of the last mark acts once more. The time to the end of the run begins at the last act. */
  again(): void;
  /** A remark in the course of the trial, which is no act. */
  remark(what: string): void;
  /** States that the fault did not reach its state after all. The trial counts as not reached, whatever the fault has marked. */
  missed(why: string): void;
  /** A stage with its own draws and marks, for one of several faults at the same time. The trial needs a mark of each of them. */
  part(): Stage;
  /** Requests the same batch on one member. @returns the status of the answer; 0: no answer */
  trigger(member: ChaosMember, body?: Readonly<Record<string, unknown>>): Promise<number>;
  /** Members join, or the last ones leave. @param by negative: members leave; returns after the last one has left */
  scaleBy(by: number, leaving?: Leaving): Promise<void>;
  /** The batch of the trial may start now: see `request` of a fault. */
  prepared(): void;
  /** batches that are selecting or running, or only one of both */
  openRuns(status?: "selecting" | "running"): Promise<number>;
  /** Runs a statement as an administrator. */
  execute(sql: string): Promise<void>;
}

export interface Fault {
  readonly id: string;
  /** one line for people */
  readonly summary: string;
  /** true: the fault restarts the server or changes its settings */
  readonly needsOwnServer?: boolean;
  /** true: other faults at the same time */
  readonly isCombination?: boolean;
  /** members that do no work for the run until its end, or for long; absent: none. A combination must leave one member */
  readonly losesMembers?: number;
  /** properties of the request of the batch, which waits until the fault calls `prepared` */
  readonly request?: Readonly<Record<string, unknown>>;
  /** Starts before the request of the batch, and returns when the fault is over. */
  inject(stage: Stage): Promise<void>;
}
