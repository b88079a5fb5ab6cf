/** The batch from the side of the service: a separate process, the flags that follow its reports, and the inbox. */
import { messageOf } from "../../lib/errors.ts";
import { NodeProcess } from "../../lib/node-process.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import type { Database } from "../database/database.ts";
import type { Flags } from "../guards/guard.ts";
import type { Drainer } from "../inbox/drain.ts";
import type { Metrics } from "../metrics.ts";
import type { BatchStyle, StrategyModules } from "../options.ts";
import { ApiProblem } from "../problems.ts";
import { claimBatch, findBatch, markFailed, type BatchRow, type Claim } from "./claim.ts";
import type { FromBatch, ToBatch } from "./messages.ts";

const PROCESS = new URL("./batch-process.ts", import.meta.url);
const STOP_DEADLINE_MS = 5_000;

type BatchProcess = NodeProcess<ToBatch, FromBatch>;

export interface BatchRequest {
  /** `2026-01-01` */
  readonly targetDate: string;
  readonly style: BatchStyle;
  readonly chunkUsers: number;
  readonly pauseMs: number;
}

export interface CoordinatorParts {
  readonly database: Database;
  readonly target: ConnectionTarget;
  readonly flags: Flags;
  readonly drainer: Drainer;
  readonly leaseMs: number;
  readonly strategy: StrategyModules | null;
  readonly metrics: Metrics;
  readonly onError: (error: unknown) => void;
}

export class BatchCoordinator {
  readonly #parts: CoordinatorParts;
  #child: BatchProcess | null = null;
  /** all processes that have not ended, with a promise of their end; another attempt may have replaced a sleeping one */
  readonly #children = new Map<BatchProcess, Promise<void>>();
  /** the owner of the current flags: late messages of an earlier batch must not clear the flags of the next one */
  #claim: Claim | null = null;
  /** the time of the `targets` message, by the monotonic clock of this process */
  #chosenAtMs = 0;

  constructor(parts: CoordinatorParts) {
    this.#parts = parts;
  }

  /** The id of the current batch process, null if none runs. */
  get processId(): number | null {
    return this.#child?.pid ?? null;
  }

  find(id: number): Promise<BatchRow | null> {
    return findBatch(this.#parts.database, id);
  }

  /**
   * Starts the batch of a date, or resumes a failed one.
   * @returns the batch's id, once the service owns the batch and the writes of all users wait
   * @throws ApiProblem batch-running, batch-finished, batch-style-differs, style-not-offered, cut-off-locked
   */
  async start(request: BatchRequest): Promise<number> {
    const { database, flags, strategy } = this.#parts;
    if (request.style === "strategy" && strategy === null)
      throw new ApiProblem("style-not-offered", "only `bench api run --strategy` offers the style `strategy`");
    const claim = await claimBatch(database, request.targetDate, request.style);
    this.#claim = claim;
    try {
      // Before the cut-off, so that few writes are in progress when the cut-off needs its lock.
      await flags.raiseForEveryone(claim);
      this.#spawn(claim, request);
    } catch (error) {
      await flags.clearAll(claim);
      await markFailed(database, claim, `the batch process could not start: ${messageOf(error)}`);
      throw error;
    }
    return claim.batchId;
  }

  #spawn(claim: Claim, request: BatchRequest): void {
    const { target, leaseMs, strategy } = this.#parts;
    const child: BatchProcess = new NodeProcess(PROCESS, { onError: (error) => this.#parts.onError(error) });
    this.#child = child;
    let last: Promise<unknown> = Promise.resolve();
    let hasReported = false;
    child.onMessage((message) => {
      if (message.type === "finished" || message.type === "failed") hasReported = true;
      // Handles messages one after the other, in the order in which the process sent them.
      last = last.then(() => this.#handle(message, claim)).catch((error: unknown) => this.#parts.onError(error));
    });
    const finish = async (): Promise<void> => {
      const how = await child.ended;
      await last;
      if (this.#child === child) this.#child = null;
      // The flags stay until their lease ends: the server may still roll back the transaction of the process.
      if (!hasReported) await this.#markEnded(claim, how);
      this.#parts.drainer.releaseAll();
      this.#children.delete(child);
    };
    this.#children.set(child, finish());
    const assignment = { target, leaseMs, strategy, ...claim, ...request };
    child.send({ type: "start", assignment });
  }

  async #markEnded(claim: Claim, how: string): Promise<void> {
    const { database, onError } = this.#parts;
    await markFailed(database, claim, `the batch process ended unexpectedly (${how})`).catch(onError);
  }

  async #handle(message: FromBatch, claim: Claim): Promise<void> {
    const { database, flags, drainer } = this.#parts;
    const hasFlags = this.#claim === claim;
    if (hasFlags) flags.extendLease();
    switch (message.type) {
      case "heartbeat":
        return;
      case "targets":
        this.#chosenAtMs = performance.now();
        if (hasFlags) await flags.narrowTo(claim, message.userIds);
        // The first flag also blocked the users that the batch did not select.
        drainer.releaseAll();
        return;
      case "committed":
        this.#observe(message.userIds.length);
        if (hasFlags) await flags.clear(claim, message.userIds);
        drainer.release(message.userIds);
        return;
      case "failed":
        await markFailed(database, claim, message.message);
        if (hasFlags) await flags.clearAll(claim);
        drainer.releaseAll();
        return;
      case "finished":
        if (hasFlags) await flags.clearAll(claim);
        drainer.releaseAll();
    }
  }

  #observe(users: number): void {
    const seconds = (performance.now() - this.#chosenAtMs) / 1_000;
    for (let user = 0; user < users; user += 1) this.#parts.metrics.batchUser.observe(seconds);
  }

  /**
   * Lets the batch finish its current transaction. The next start of the same date continues from there. Kills processes
   * whose batch another process took over: they have no transaction to finish, and may never wake up.
   */
  async close(): Promise<void> {
    const stops = [...this.#children].map(async ([child, finished]) => {
      if (child === this.#child) child.send({ type: "stop" });
      await child.stop(child === this.#child ? STOP_DEADLINE_MS : 0);
      await finished;
    });
    await Promise.all(stops);
  }
}
