/** What a fault may do in one trial, with a record of what it did. */
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { clockMs } from "../../lib/clock.ts";
import { execute, selectOne } from "../../lib/connection.ts";
import { mulberry32 } from "../../lib/random.ts";
import type { Admin } from "./admin.ts";
import type { ChaosCluster } from "./cluster.ts";
import type { ServerControl, Stage } from "./fault.ts";
import { LATE_MS } from "./limits.ts";
import type { ChaosMember } from "./member.ts";
import type { Held } from "./proxy/held.ts";
import type { Point } from "./proxy/points.ts";
import { requestBatch } from "./request-batch.ts";

const POLL_MS = 20;

export interface Mark {
  readonly atMs: number;
  readonly what: string;
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
  readonly marks: Mark[] = [];
  readonly leaseMs: number;
  readonly server: ServerControl | null;
  readonly #parts: StageParts;
  readonly #runEnded = new AbortController();
  readonly #batchId = Promise.withResolvers<number>();
  readonly #prepared = Promise.withResolvers<void>();
  #draws = 0;
  #isOver = false;
  #requestedAtMs: number | null = null;

  constructor(parts: StageParts) {
    this.#parts = parts;
    this.leaseMs = parts.cluster.options.leaseMs;
    this.server = parts.server;
    // The trial reports a batch that did not start.
    this.#batchId.promise.catch(() => {});
  }

  get members(): readonly ChaosMember[] {
    return this.#parts.cluster.members;
  }

  get runEnded(): AbortSignal {
    return this.#runEnded.signal;
  }

  get batchId(): Promise<number> {
    return this.#batchId.promise;
  }

  started(batchId: number): void {
    this.#batchId.resolve(batchId);
  }

  /** When the fault first requested the batch of the trial; null: it did not. */
  get requestedAtMs(): number | null {
    return this.#requestedAtMs;
  }

  /** The fault has returned. */
  readonly over = (): void => {
    this.#isOver = true;
  };

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The run has ended, or did not start. */
  ended(): void {
    this.#runEnded.abort();
    this.#batchId.reject(new Error("the batch did not start"));
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
    this.marks.push({ atMs: clockMs(), what });
  }

  async trigger(member: ChaosMember, body: Readonly<Record<string, unknown>> = {}): Promise<number> {
    const { adminToken } = this.#parts.cluster.options;
    if (body["targetDate"] === undefined) this.#requestedAtMs ??= clockMs();
    const answer = await requestBatch(member.url, adminToken, body).catch(() => null);
    return answer?.status ?? 0;
  }

  async scale(to: number): Promise<void> {
    await this.#parts.cluster.scale(to);
  }

  prepared(): void {
    this.#prepared.resolve();
  }

  get isPrepared(): Promise<void> {
    return this.#prepared.promise;
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
