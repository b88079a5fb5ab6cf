/**
 * Batches that one separate process runs, from the side of the service: the styles `long` and `strategy`. A process of the
 * service can be ended at any moment, so a stopped one holds its rows for a bounded time.
 */
import { setTimeout as delay } from "node:timers/promises";
import { messageOf } from "../../lib/errors.ts";
import { NodeProcess } from "../../lib/node-process.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { failBatch } from "../batch/end.ts";
import { NotMine, type Claim } from "../batch/fence.ts";
import { STARTING_LEASE_MS, type BatchRequest } from "../batch/start.ts";
import type { Database } from "../database/database.ts";
import { isPassing } from "../database/errors.ts";
import type { Guard } from "../guards/guard.ts";
import type { Metrics } from "../metrics.ts";
import type { TechniqueChoice } from "../options.ts";
import type { BatchAssignment, FromBatch, ToBatch } from "./messages.ts";

const PROCESS = new URL("./batch-process.ts", import.meta.url);
const STOP_DEADLINE_MS = 5_000;
const FAIL_AGAIN_MS = 500;

type BatchProcess = NodeProcess<ToBatch, FromBatch>;

export interface ProcessRunsParts {
  readonly database: Database;
  readonly target: ConnectionTarget;
  readonly guard: Guard;
  /** hex */
  readonly member: string;
  readonly leaseMs: number;
  readonly strategy: TechniqueChoice | null;
  readonly metrics: Metrics;
  /** the state of the batch in the database has changed */
  readonly onChange: () => void;
  readonly onError: (error: unknown) => void;
}

export class ProcessRuns {
  readonly #parts: ProcessRunsParts;
  #current: BatchProcess | null = null;
  /** all processes that have not ended, with a promise of their end */
  readonly #processes = new Map<BatchProcess, Promise<void>>();
  #isClosing = false;

  constructor(parts: ProcessRunsParts) {
    this.#parts = parts;
  }

  /** The id of the current batch process, null if none runs. */
  get processId(): number | null {
    return this.#current?.pid ?? null;
  }

  /** @throws Error if the process cannot start; the batch is failed then */
  async start(claim: Claim, request: BatchRequest): Promise<void> {
    try {
      this.#spawn(claim, request);
    } catch (error) {
      await this.#fail(claim, `the batch process could not start: ${messageOf(error)}`);
      throw error;
    }
    // The service began to close while the request was under way: nobody else would end this process.
    if (this.#isClosing) await this.close();
  }

  #spawn(claim: Claim, request: BatchRequest): void {
    const { target, leaseMs, strategy, guard, member, onError } = this.#parts;
    const child: BatchProcess = new NodeProcess(PROCESS, { onError });
    this.#current = child;
    const watchdog = new Watchdog(STARTING_LEASE_MS, () => void child.stop(0));
    let runningSinceMs = performance.now();
    let failure: string | null = null;
    let isFinished = false;
    child.onMessage((message) => {
      watchdog.postpone(leaseMs);
      if (message.type === "running") runningSinceMs = performance.now();
      else if (message.type === "committed") this.#observe(message.userIds.length, runningSinceMs);
      else if (message.type === "failed") failure = message.message;
      else if (message.type === "finished") isFinished = true;
    });
    const finish = async (): Promise<void> => {
      const how = await child.ended;
      watchdog.stop();
      if (this.#current === child) this.#current = null;
      if (!isFinished) await this.#fail(claim, failure ?? `the batch process ended unexpectedly (${how})`);
      this.#parts.onChange();
      this.#processes.delete(child);
    };
    this.#processes.set(child, finish().catch(onError));
    const assignment: BatchAssignment = { target, leaseMs, strategy, guard: guard.id, member, ...claim, ...request };
    child.send({ type: "start", assignment });
  }

  /**
   * Repeats the attempt: a session of the process that waits for a row still holds the fence, until the server ends the wait. After
   * the end of this service, the next start of the date takes the batch over, when its lease is over.
   */
  async #fail(claim: Claim, reason: string): Promise<void> {
    const { database, guard, onError } = this.#parts;
    for (;;) {
      try {
        await failBatch(database, claim, reason, guard.flags);
        return;
      } catch (error) {
        if (error instanceof NotMine) return;
        if (!isPassing(error) || this.#isClosing) {
          onError(error);
          return;
        }
      }
      await delay(FAIL_AGAIN_MS);
    }
  }

  #observe(users: number, sinceMs: number): void {
    const seconds = (performance.now() - sinceMs) / 1_000;
    for (let user = 0; user < users; user += 1) this.#parts.metrics.batchUser.observe(seconds);
  }

  /** Lets the process finish its current transaction. The next start of the same date continues from there. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const stops = [...this.#processes].map(async ([child, finished]) => {
      if (child === this.#current) child.send({ type: "stop" });
      await child.stop(child === this.#current ? STOP_DEADLINE_MS : 0);
      await finished;
    });
    await Promise.all(stops);
  }
}

/** Ends a process that is silent for longer than its lease: a stopped one would keep its rows locked. */
class Watchdog {
  readonly #onSilence: () => void;
  #timer: NodeJS.Timeout;

  constructor(leaseMs: number, onSilence: () => void) {
    this.#onSilence = onSilence;
    this.#timer = setTimeout(onSilence, leaseMs);
  }

  postpone(leaseMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#onSilence, leaseMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
