/** A connection of the harness that survives a restart of the server. */
import { setTimeout as delay } from "node:timers/promises";
import { connect, serverErrorNumber, type Connection } from "../../lib/connection.ts";
import type { ConnectionTarget } from "../../lib/target.ts";

const RETRY_MS = 50;
const DEADLINE_MS = 60_000;
/** shutting down, session ended */
const ENDED = new Set([1053, 4031]);

function isLost(error: unknown): boolean {
  if (!(error instanceof Error && "code" in error)) return false;
  const number = serverErrorNumber(error);
  return number === null || ENDED.has(number);
}

export class Admin implements AsyncDisposable {
  readonly #target: () => ConnectionTarget;
  #connection: Promise<Connection> | null = null;

  constructor(target: () => ConnectionTarget) {
    this.#target = target;
  }

  /** Runs `work` again after a loss of the connection, so `work` must be repeatable. @throws all other errors, and a loss after 60 s */
  async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const deadline = performance.now() + DEADLINE_MS;
    for (;;) {
      try {
        this.#connection ??= this.#open();
        return await work(await this.#connection);
      } catch (error) {
        if (!isLost(error) || performance.now() > deadline) throw error;
        this.#connection = null;
        await delay(RETRY_MS);
      }
    }
  }

  async #open(): Promise<Connection> {
    const connection = await connect(this.#target());
    // Without a listener, the end of an idle connection would end this process.
    connection.on("error", () => {});
    // Each statement of a check must see the newest commits.
    await connection.query("SET SESSION transaction_isolation = 'READ-COMMITTED'");
    return connection;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const connection = await this.#connection?.catch(() => null);
    connection?.destroy();
  }
}
