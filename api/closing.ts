/**
 * The end of the service in bounded time. Without a limit it took over 70 s beside one idle keep-alive connection, and never
 * ended beside a database connection that had gone silent.
 */
import type { Server } from "node:http";
import { ApiProblem } from "./problems.ts";

/** Node closes idle connections once. An answer in progress at that moment leaves another idle one. */
const IDLE_CHECK_MS = 50;
/** Of the whole time: until then, requests in progress may be answered. The rest is for the batch, the inbox and the pools. */
const FRACTION_OF_REQUESTS = 0.5;
const FRACTION_OF_WORK = 0.9;

/** `Database` */
export interface Pool extends AsyncDisposable {
  /** Closes the sockets and sends the server no COM_QUIT, because a silent server would not answer. */
  destroy?(): void;
}

export interface ClosingParts {
  /** for all of it, after the grace */
  readonly closeMs: number;
  readonly onError: (error: unknown) => void;
}

export class Closing {
  readonly #parts: ClosingParts;
  #stage: "open" | "announced" | "refusing" = "open";
  #beganAtMs: number | null = null;

  constructor(parts: ClosingParts) {
    this.#parts = parts;
  }

  /** From this call on, /readyz answers 503, and every answer ends its connection. */
  announce(): void {
    if (this.#stage === "open") this.#stage = "announced";
  }

  get isAnnounced(): boolean {
    return this.#stage !== "open";
  }

  /** The answer to requests that arrive on open connections after the port is closed; null before that. */
  refusal(): ApiProblem | null {
    return this.#stage === "refusing" ? CLOSING : null;
  }

  /** Closes the connections of clients: idle ones at once, the others after their answer, all of them after half of the time. */
  begin(server: Server): void {
    this.#stage = "refusing";
    this.#beganAtMs = performance.now();
    // A server that never listened emits no `close`.
    if (!server.listening) return;
    const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS).unref();
    const cut = setTimeout(() => server.closeAllConnections(), this.#parts.closeMs * FRACTION_OF_REQUESTS);
    server.once("close", () => {
      clearInterval(idle);
      clearTimeout(cut);
    });
  }

  /** Ends the work in order, then the pools. After the time of each, it continues without waiting for the rest. */
  async end(work: readonly (() => Promise<void>)[], pools: readonly Pool[]): Promise<void> {
    for (const finish of work)
      if (!(await this.#inTime(finish(), FRACTION_OF_WORK)))
        this.#parts.onError(new Error("closing did not wait for the batch or the inbox: the database does not answer"));
    await Promise.all(pools.map((pool) => this.#endPool(pool)));
  }

  async #endPool(pool: Pool): Promise<void> {
    if (!(await this.#inTime(Promise.resolve(pool[Symbol.asyncDispose]()), 1)))
      this.#parts.onError(new Error("closing did not wait for database connections: the database does not answer"));
    // The driver leaves its sockets to the server, also after the end of the pool. A silent server never closes them.
    pool.destroy?.();
  }

  /** @returns false if the work still runs after this fraction of the time, counted from the begin */
  async #inTime(work: Promise<void>, fraction: number): Promise<boolean> {
    const { closeMs, onError } = this.#parts;
    const passedMs = performance.now() - (this.#beganAtMs ?? performance.now());
    const { promise: late, resolve } = Promise.withResolvers<false>();
    const timer = setTimeout(() => resolve(false), Math.max(0, closeMs * fraction - passedMs));
    const ended = work.then(
      () => true as const,
      (error: unknown) => {
        onError(error);
        return true as const;
      },
    );
    try {
      return await Promise.race([ended, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

const CLOSING = new ApiProblem("closing", "the service is closing; send requests to another instance");
