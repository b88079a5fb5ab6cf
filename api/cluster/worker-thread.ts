/**
 * The thread that runs the rounds of a member, from the side of the member. In the thread of the requests, the decisions of a
 * round and the packets of its statements delay every request: the p99 of reads rose from 11 to 36 ms.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Polls, Snapshot } from "./poll.ts";
import type { FromThread, ThreadAssignment, ThreadData, ToThread } from "./thread-messages.ts";
import type { Round } from "./worker.ts";

const THREAD = new URL("./batch-thread.ts", import.meta.url);
/** Its start takes 0.4 s of CPU time, which the start of the service and the first round should not wait for. */
const PREPARE_AFTER_MS = 1_000;

export interface WorkerThreadParts {
  readonly assignment: ThreadAssignment;
  readonly polls: Polls;
  readonly onRound: (round: Round) => void;
  readonly onDeadlock: () => void;
  readonly onGivenUp: (connectionId: number) => void;
  readonly onError: (error: unknown) => void;
}

export class WorkerThread {
  readonly #parts: WorkerThreadParts;
  /** null: not started yet, or the last thread has failed */
  #thread: Worker | null = null;
  #preparation: NodeJS.Timeout | null = null;
  #isClosing = false;

  constructor(parts: WorkerThreadParts) {
    this.#parts = parts;
  }

  /** Starts the thread soon, before the first batch. */
  prepare(): void {
    const start = (): void => {
      if (this.#thread === null && !this.#isClosing) this.#start(this.#parts.polls.snapshot);
    };
    this.#preparation = setTimeout(start, PREPARE_AFTER_MS).unref();
  }

  /** Starts the thread for an open batch, and again after it has failed. */
  update(snapshot: Snapshot): void {
    if (this.#thread !== null) this.#send(this.#thread, { type: "snapshot", snapshot });
    else if (!this.#isClosing && snapshot.batches.some(({ style }) => style === "chunked")) this.#start(snapshot);
  }

  #start(snapshot: Snapshot): void {
    const { assignment, onError } = this.#parts;
    const workerData: ThreadData = { ...assignment, snapshot };
    const thread = new Worker(THREAD, { workerData });
    this.#thread = thread;
    thread.on("message", (message: FromThread) => this.#receive(thread, message));
    // Without a listener, an error of the thread would end the service.
    thread.on("error", onError);
    thread.once("exit", (code) => {
      if (this.#thread === thread) this.#thread = null;
      if (!this.#isClosing) onError(new Error(`the thread of the batch ended with code ${code}`));
    });
  }

  #send(thread: Worker, message: ToThread): void {
    thread.postMessage(message);
  }

  #receive(thread: Worker, message: FromThread): void {
    const { polls, onRound, onDeadlock, onGivenUp, onError } = this.#parts;
    if (message.type === "round") onRound(message.round);
    else if (message.type === "poll-now") polls.now();
    else if (message.type === "await-poll")
      void polls.next().then(() => this.#send(thread, { type: "polled", question: message.question }));
    else if (message.type === "deadlock") onDeadlock();
    else if (message.type === "gave-up") onGivenUp(message.connectionId);
    else onError(message.error);
  }

  /** Finishes the current round. */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#preparation !== null) clearTimeout(this.#preparation);
    const thread = this.#thread;
    if (thread === null) return;
    const exited = once(thread, "exit");
    this.#send(thread, { type: "close" });
    // The service limits the time of its end. A round that a silent database delays must not keep the process after it.
    thread.unref();
    await exited;
  }
}
