/**
 * One database connection for probes. It opens with the first statement and again after every failure. Probes must not wait behind
 * requests or take connections of the administration, and a silent server must not keep them waiting.
 */
import { createConnection, type Connection, type RowDataPacket } from "mysql2";
import { connect, type Socket } from "node:net";
import type { ConnectionTarget } from "../lib/target.ts";
import { mysql2Tls } from "../lib/tls.ts";
import { ApiProblem } from "./problems.ts";

/** For a table that another session locks; the shortest that the server takes. */
const LOCK_WAIT_SECONDS = 1;

interface Open {
  readonly connection: Connection;
  readonly socket: Socket;
}

export class ProbeConnection {
  readonly #target: ConnectionTarget;
  readonly #limitMs: number;
  #open: Open | null = null;

  /** @param limitMs for each statement, including the connection that it may need */
  constructor(target: ConnectionTarget, limitMs: number) {
    this.#target = target;
    this.#limitMs = limitMs;
  }

  /**
   * Rows of a SELECT without parameters. The caller guarantees that the type parameter matches its SQL.
   * @throws ApiProblem database-unavailable after the limit, and errors of the driver
   */
  async rows<Row>(sql: string): Promise<Row[]> {
    const open = (this.#open ??= this.#connect());
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(new ApiProblem("database-unavailable", `the database did not answer within ${this.#limitMs} ms`)),
      this.#limitMs,
    );
    try {
      const [rows] = await Promise.race([open.connection.promise().query<RowDataPacket[]>(sql), late]);
      return rows as Row[];
    } catch (error) {
      this.#close(open);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    if (this.#open !== null) this.#close(this.#open);
  }

  #connect(): Open {
    const { host, port, user, password, schema, socketPath } = this.#target;
    const { stream, ...tls } = mysql2Tls(this.#target);
    const socket = stream?.() ?? (socketPath === undefined ? connect({ host, port, noDelay: true }) : connect(socketPath));
    const connection = createConnection({ host, port, user, password, database: schema, ...tls, stream: () => socket });
    connection.on("error", () => {});
    // Without the limits, the server would keep the statement of a probe that has given up, and its session.
    const limits = `SET SESSION lock_wait_timeout = ${LOCK_WAIT_SECONDS}, max_execution_time = ${this.#limitMs}`;
    // An error also fails the statement that follows.
    connection.query(limits, () => {});
    return { connection, socket };
  }

  #close(open: Open): void {
    if (this.#open === open) this.#open = null;
    open.connection.destroy();
    // The driver only ends its side of the socket, which stays open until the server answers.
    open.socket.destroy();
  }
}
