/** Kills, stops and starts the MySQL server that bench manages for the trials. */
import { setTimeout as delay } from "node:timers/promises";
import { connect, select, serverErrorNumber, type Connection } from "../../lib/connection.ts";
import { run } from "../../lib/run-program.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import type { Database } from "../database/index.ts";
import { identifyProcess, isAlive } from "../database/processes.ts";
import { orAborted } from "../run/interrupt.ts";
import type { ServerControl } from "./fault.ts";

const POLL_MS = 20;
const ER_PARSE_ERROR = 1064;

/** MySQL renamed the statement in 8.2. @returns null: the server has no binary log */
async function binaryLogPosition(connection: Connection): Promise<number | null> {
  const positions = (sql: string): Promise<{ Position: number }[]> => select<{ Position: number }>(connection, sql);
  const rows = await positions("SHOW BINARY LOG STATUS").catch((error: unknown) => {
    if (serverErrorNumber(error) !== ER_PARSE_ERROR) throw error;
    return positions("SHOW MASTER STATUS");
  });
  return rows[0]?.Position ?? null;
}

export class ManagedServer implements ServerControl, AsyncDisposable {
  readonly #open: () => Promise<Database>;
  /** Each start has a lease on the server, which ends with the last one. */
  readonly #opened: Database[];

  private constructor(database: Database, open: () => Promise<Database>) {
    this.#opened = [database];
    this.#open = open;
  }

  /**
   * @param open finds or starts the server
   * @param interruption ends the first start only. The start after a fault must finish: abandoned, it left a server with a lease that
   * nobody released
   */
  static async start(open: () => Promise<Database>, interruption: AbortSignal): Promise<ManagedServer> {
    interruption.throwIfAborted();
    return new ManagedServer(await orAborted(open(), interruption), open);
  }

  get database(): Database {
    const last = this.#opened.at(-1);
    if (last === undefined) throw new Error("no server was opened");
    return last;
  }

  get target(): ConnectionTarget {
    return this.database.target;
  }

  /** false for a server of a user, and for one that is no process of this machine */
  get canRestart(): boolean {
    return this.database.owned && this.database.serverPid !== null;
  }

  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  stop(): Promise<void> {
    return this.#end("SIGTERM");
  }

  async #process(): ReturnType<typeof identifyProcess> {
    const pid = this.database.serverPid;
    return pid === null ? null : await identifyProcess(pid);
  }

  async #end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const server = await this.#process();
    if (server === null) throw new Error("the server is no process of this machine");
    process.kill(server.pid, signal);
    while (await isAlive(server)) await delay(POLL_MS);
  }

  async fillDisk(roomBytes: number): Promise<boolean> {
    const pid = this.database.serverPid;
    const connection = await connect(this.target, { withSchema: false });
    try {
      const position = await binaryLogPosition(connection);
      if (position === null) return false;
      const { exitCode } = await run("prlimit", ["--pid", String(pid), `--fsize=${position + roomBytes}:`]);
      return exitCode === 0;
    } finally {
      connection.destroy();
    }
  }

  async untilEnded(): Promise<void> {
    const server = await this.#process();
    if (server !== null) while (await isAlive(server)) await delay(POLL_MS);
  }

  async start(): Promise<void> {
    this.#opened.push(await this.#open());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const database of this.#opened.splice(0)) await database[Symbol.asyncDispose]();
  }
}
