/** The actions of a fault in one trial, and the record of them. */
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { clockMs } from "../../lib/clock.ts";
import { execute, selectOne } from "../../lib/connection.ts";
import { mulberry32 } from "../../lib/random.ts";
import type { Admin } from "./admin.ts";
import type { ChaosCluster } from "./cluster.ts";
import type { Leaving, Reached, ServerControl, Stage } from "./fault.ts";
import { LATE_MS } from "./limits.ts";
import type { ChaosMember } from "./member.ts";
import type { Held } from "./proxy/held.ts";
import type { Point } from "./proxy/points.ts";
import { requestBatch } from "./request-batch.ts";

const POLL_MS = 20;

export interface Mark {
  readonly atMs: number;
  /** the further acts of a fault that acts repeatedly */
  readonly againAtMs: readonly number[];
  readonly what: string;
  /** false: a remark, or that the fault did not act */
  readonly isAct: boolean;
}

/** The actions of one fault of the trial. */
interface Part {
  readonly actedAtMs: number[];
  isMissed: boolean;
  /** the further acts of the last mark */
  again: number[];
}

/** The state that all faults of the trial share. */
class Trial {
  readonly marks: Mark[] = [];
  readonly parts = new Set<Part>();
  readonly runEnded = new AbortController();
  readonly batchId = Promise.withResolvers<number>();
  readonly prepared = Promise.withResolvers<void>();
  isOver = false;
  requestedAtMs: number | null = null;
  pauseMs = 0;
}

export interface StageParts {
  readonly cluster: ChaosCluster;
  readonly admin: Admin;
  readonly server: ServerControl | null;
  readonly seed: number;
  /** users of the run */
  readonly targets: number;
}

export class TrialStage implements Stage {
  readonly leaseMs: number;
  readonly poolConnections: number;
  readonly server: ServerControl | null;
  readonly #parts: StageParts;
  readonly #trial: Trial;
  readonly #part: Part = { actedAtMs: [], isMissed: false, again: [] };
  #draws = 0;

  /** @param trial absent: a new one */
  constructor(parts: StageParts, trial = new Trial()) {
    this.#parts = parts;
    this.#trial = trial;
    trial.parts.add(this.#part);
    this.leaseMs = parts.cluster.options.leaseMs;
    this.poolConnections = parts.cluster.options.poolConnections;
    this.server = parts.server;
    // The trial reports a batch that did not start.
    trial.batchId.promise.catch(() => {});
  }

  part(): TrialStage {
    // A combination acts by its parts only.
    this.#trial.parts.delete(this.#part);
    return new TrialStage({ ...this.#parts, seed: this.draw(2 ** 32) }, this.#trial);
  }

  get marks(): readonly Mark[] {
    return this.#trial.marks;
  }

  /** True if each fault has acted before this moment. Pair and trio must not count for the bound if one of their faults did nothing. */
  hasActedBefore(ms: number): boolean {
    return [...this.#trial.parts].every(({ isMissed, actedAtMs }) => !isMissed && actedAtMs.some((atMs) => atMs <= ms));
  }

  /** Between the rounds of each member, at least. */
  get pauseMs(): number {
    return this.#trial.pauseMs;
  }

  get members(): readonly ChaosMember[] {
    return this.#parts.cluster.members;
  }

  get runEnded(): AbortSignal {
    return this.#trial.runEnded.signal;
  }

  get batchId(): Promise<number> {
    return this.#trial.batchId.promise;
  }

  started(batchId: number): void {
    this.#trial.batchId.resolve(batchId);
  }

  /** When the fault first requested the batch of the trial; null: it did not. */
  get requestedAtMs(): number | null {
    return this.#trial.requestedAtMs;
  }

  /** The fault has returned. */
  readonly over = (): void => {
    this.#trial.isOver = true;
  };

  get isOver(): boolean {
    return this.#trial.isOver;
  }

  /** The run has ended, or did not start. */
  ended(): void {
    this.#trial.runEnded.abort();
    this.#trial.batchId.reject(new Error("the batch did not start"));
  }

  draw(limit: number): number {
    this.#draws += 1;
    return Math.floor((mulberry32(this.#parts.seed, this.#draws) / 2 ** 32) * limit);
  }

  victim(): ChaosMember {
    const chosen = this.members[this.draw(this.members.length)];
    if (chosen === undefined) throw new Error("the cluster has no member");
    return chosen;
  }

  async reach(member: ChaosMember, point: Point, skip = 0): Promise<Held | null> {
    let left = skip;
    return await member.proxy.next((statement) => {
      if (!point(statement)) return false;
      left -= 1;
      return left < 0;
    }, this.runEnded);
  }

  async reachFirst(point: Point): Promise<Reached | null> {
    const over = new AbortController();
    const signal = AbortSignal.any([this.runEnded, over.signal]);
    const reaching = this.members.map(async (member) => ({ member, held: await member.proxy.next(point, signal) }));
    const { member, held } = await Promise.race(reaching);
    over.abort();
    // Another member may have reached the point in the same instant. Nobody else would pass its statement.
    for (const other of await Promise.all(reaching)) if (other.held !== held) other.held?.pass();
    return held === null ? null : { member, held };
  }

  pauseAtLeast(ms: number): void {
    this.#trial.pauseMs = Math.max(this.#trial.pauseMs, ms);
  }

  async progress(fraction: number): Promise<void> {
    const { admin, targets } = this.#parts;
    const batchId = await this.batchId.catch(() => 0);
    while (!this.runEnded.aborted) {
      const { done } = await admin.use((connection) =>
        selectOne<{ done: number | string }>(
          connection,
          "SELECT COALESCE(SUM(JSON_LENGTH(user_ids)), 0) AS done FROM batch_steps WHERE batch_id = ?",
          [batchId],
        ),
      );
      if (Number(done) >= fraction * targets) return;
      await delay(POLL_MS);
    }
  }

  async wait(ms: number): Promise<void> {
    await delay(ms);
  }

  async untilEnded({ atLeastMs = 0, atMostMs = LATE_MS } = {}): Promise<void> {
    const over = AbortSignal.any([this.runEnded, AbortSignal.timeout(atMostMs)]);
    const ended = over.aborted ? Promise.resolve() : once(over, "abort");
    await Promise.all([delay(atLeastMs), ended]);
  }

  mark(what: string): void {
    const atMs = clockMs();
    const again: number[] = [];
    this.#trial.marks.push({ atMs, againAtMs: again, what, isAct: true });
    this.#part.actedAtMs.push(atMs);
    this.#part.again = again;
  }

  again(): void {
    this.#part.again.push(clockMs());
  }

  remark(what: string): void {
    this.#trial.marks.push({ atMs: clockMs(), againAtMs: [], what, isAct: false });
  }

  /** @returns null: no fault has acted until then */
  lastActAtMs(untilMs: number): number | null {
    const acts = this.#trial.marks.flatMap(({ atMs, againAtMs, isAct }) => (isAct ? [atMs, ...againAtMs] : []));
    const before = acts.filter((atMs) => atMs <= untilMs);
    return before.length === 0 ? null : Math.max(...before);
  }

  missed(why: string): void {
    this.remark(`not reached: ${why}`);
    this.#part.isMissed = true;
  }

  async trigger(member: ChaosMember, body: Readonly<Record<string, unknown>> = {}): Promise<number> {
    const { adminToken } = this.#parts.cluster.options;
    if (body["targetDate"] === undefined) this.#trial.requestedAtMs ??= clockMs();
    const answer = await requestBatch(member.url, adminToken, body).catch(() => null);
    return answer?.status ?? 0;
  }

  async scaleBy(by: number, leaving?: Leaving): Promise<void> {
    await this.#parts.cluster.scaleBy(by, leaving);
  }

  prepared(): void {
    this.#trial.prepared.resolve();
  }

  get isPrepared(): Promise<void> {
    return this.#trial.prepared.promise;
  }

  async openRuns(status?: "selecting" | "running"): Promise<number> {
    const { open } = await this.#parts.admin.use((connection) =>
      selectOne<{ open: number }>(connection, "SELECT COUNT(*) AS open FROM batches WHERE status IN (?)", [
        status ?? ["selecting", "running"],
      ]),
    );
    return open;
  }

  async execute(sql: string): Promise<void> {
    await this.#parts.admin.use((connection) => execute(connection, sql));
  }
}
