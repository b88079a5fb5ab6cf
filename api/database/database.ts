/**
 * The service's access to MySQL: a pool with limited and measured waits, and sessions that are bounded in time from both ends.
 * The client gives up a statement after `statementMs`. The server ends a session that is silent for `silentSeconds`, with its
 * transaction, so that a stopped process cannot hold rows for hours. mysql2 can limit its queue in length but not in time, so a
 * semaphore queues the callers here.
 */
import { connect, type Socket } from "node:net";
import { createPool, type Pool, type PoolConnection } from "mysql2/promise";
import { MAX_PREPARED_STATEMENTS } from "../../lib/connection.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { mysql2Tls } from "../../lib/tls.ts";
import { hasFault } from "../faults.ts";
import { ApiProblem } from "../problems.ts";
import { isConnectionLost } from "./errors.ts";
import { limited, StatementGivenUp } from "./limit.ts";
import { Semaphore } from "./semaphore.ts";
import type { SessionLimits } from "./session-limits.ts";
import { BrokenConnection, PooledSession, type Session, type Statements, type TransactionLimits } from "./session.ts";

export interface DatabaseSettings extends SessionLimits {
  readonly target: ConnectionTarget;
  readonly connections: number;
  readonly waitMs: number;
  /** null: the server's own innodb_lock_wait_timeout */
  readonly lockWaitSeconds: number | null;
  /** names the sessions for operators, in `performance_schema.session_connect_attrs` */
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface DatabaseObserver {
  waitedForConnection?(ms: number): void;
  deadlock?(): void;
  /** before each statement of a session, with those that begin and end transactions */
  statement?(): void;
  /** The server may still run the statement of this connection: closing a connection does not end its statement. */
  gaveUp?(connectionId: number): void;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** Only with a fault. */
const ONE_DAY_S = 86_400;
const READ_COMMITTED = "READ-COMMITTED";

export class Database implements AsyncDisposable {
  readonly #pool: Pool;
  readonly #places: Semaphore;
  readonly #settings: DatabaseSettings;
  readonly #observer: DatabaseObserver;
  /** connections with the session settings, by the monotonic time of their last use */
  readonly #lastUsedMs = new WeakMap<object, number>();
  readonly #sockets = new Set<Socket>();

  constructor(settings: DatabaseSettings, observer: DatabaseObserver = {}) {
    const { host, port, user, password, schema, socketPath } = settings.target;
    const { stream, ...tls } = mysql2Tls(settings.target);
    const open = (): Socket => {
      const tcp = { host, port, noDelay: true, keepAlive: true };
      const socket = stream?.() ?? (socketPath === undefined ? connect(tcp) : connect(socketPath));
      this.#sockets.add(socket);
      return socket.once("close", () => this.#sockets.delete(socket));
    };
    this.#settings = settings;
    this.#observer = observer;
    this.#pool = createPool({
      host,
      port,
      user,
      password,
      database: schema,
      connectionLimit: settings.connections,
      connectTimeout: CONNECT_TIMEOUT_MS,
      timezone: "Z",
      maxPreparedStatements: MAX_PREPARED_STATEMENTS,
      supportBigNumbers: true,
      charset: "utf8mb4",
      connectAttributes: settings.attributes ?? {},
      ...tls,
      stream: open,
    });
    this.#places = new Semaphore(settings.connections);
  }

  get connectionsInUse(): number {
    return this.#places.inUse;
  }

  /**
   * Runs `work` on one connection of the pool.
   * @throws ApiProblem pool-timeout, database-unavailable, outcome-unknown, and all that `work` throws
   */
  async withSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const { waitMs } = this.#settings;
    const hasPlace = await this.#places.acquire(waitMs);
    this.#observer.waitedForConnection?.(performance.now() - startedAt);
    if (!hasPlace) throw new ApiProblem("pool-timeout", `no connection became available within ${waitMs} ms`);
    try {
      return await this.#withConnection(work);
    } catch (error) {
      const isBroken = error instanceof BrokenConnection;
      const cause = isBroken ? error.cause : error;
      // A failed rollback hides the client's error behind database-unavailable, unless that error already is a problem for
      // the client. The log gets the cause.
      throw isConnectionLost(cause) || (isBroken && !(cause instanceof ApiProblem))
        ? new ApiProblem("database-unavailable", "the database does not answer", { cause })
        : cause;
    } finally {
      this.#places.release();
    }
  }

  async #withConnection<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const connection = await this.#connection();
    let isUsable = true;
    try {
      return await work(this.#sessionOf(connection));
    } catch (error) {
      const reason = error instanceof ApiProblem ? error.cause : error;
      isUsable = !(isConnectionLost(reason) || reason instanceof BrokenConnection);
      throw error;
    } finally {
      this.#lastUsedMs.set(connection.connection, performance.now());
      // The connection may hold an open transaction or half an answer, which the next caller would receive.
      if (isUsable) connection.release();
      else connection.destroy();
    }
  }

  #sessionOf(connection: PoolConnection): PooledSession {
    return new PooledSession(connection, {
      statementMs: this.#settings.statementMs,
      onDeadlock: () => this.#observer.deadlock?.(),
      onStatement: () => this.#observer.statement?.(),
      onGivenUp: () => {
        // The driver only ends its side of the socket, which would stay open until a silent server answers.
        (connection.connection as unknown as { readonly stream?: Socket }).stream?.destroy();
        this.#observer.gaveUp?.(connection.threadId);
      },
    });
  }

  /** Returns a connection that has the session settings and that the server has not ended for its silence. */
  async #connection(): Promise<PoolConnection> {
    for (;;) {
      const connection = await this.#fromPool();
      const lastUsedMs = this.#lastUsedMs.get(connection.connection);
      if (lastUsedMs === undefined) return await this.#prepare(connection);
      if (performance.now() - lastUsedMs <= this.#settings.maxIdleMs) return connection;
      connection.destroy();
    }
  }

  async #fromPool(): Promise<PoolConnection> {
    const pending = this.#pool.getConnection();
    try {
      return await limited(pending, this.#settings.statementMs);
    } catch (error) {
      // A server that accepts the connection and never greets: the late connection must not stay outside of the pool.
      if (error instanceof StatementGivenUp)
        void pending.then(
          (late) => late.destroy(),
          () => {},
        );
      throw error;
    }
  }

  async #prepare(connection: PoolConnection): Promise<PoolConnection> {
    const { lockWaitSeconds, statementMs } = this.#settings;
    const silentSeconds = hasFault("no-timeouts") ? ONE_DAY_S : this.#settings.silentSeconds;
    // With READ COMMITTED a write locks only the rows that it changes, not the gaps between them, and it sees everything
    // committed before it.
    const settings = [
      `transaction_isolation = '${READ_COMMITTED}'`,
      "sql_mode = 'STRICT_ALL_TABLES'",
      "autocommit = 1",
      `wait_timeout = ${silentSeconds}`,
      `net_read_timeout = ${silentSeconds}`,
      `net_write_timeout = ${silentSeconds}`,
      // The wait for metadata locks, which an ALTER TABLE can hold, has a default of one year.
      ...(lockWaitSeconds === null
        ? ["lock_wait_timeout = @@GLOBAL.innodb_lock_wait_timeout"]
        : [`innodb_lock_wait_timeout = ${lockWaitSeconds}`, `lock_wait_timeout = ${lockWaitSeconds}`]),
    ];
    try {
      // The server ends idle sessions. Without a listener, the end of one would end this process.
      connection.connection.on("error", () => {});
      await limited(connection.query(`SET ${settings.map((setting) => `SESSION ${setting}`).join(", ")}`), statementMs);
      // A server or a proxy that overrides the isolation would let a round read markers from before its locks.
      const [rows] = await limited(connection.query("SELECT @@SESSION.transaction_isolation AS isolation"), statementMs);
      const isolation = (rows as { isolation: string }[])[0]?.isolation;
      if (isolation !== READ_COMMITTED)
        throw new Error(`the server keeps the isolation ${isolation} instead of ${READ_COMMITTED}`);
      return connection;
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }

  /** Runs a transaction on a separate connection: see {@link Session.transaction}. */
  transaction<T>(work: (session: Statements) => Promise<T>, limits?: TransactionLimits): Promise<T> {
    return this.withSession((session) => session.transaction(work, limits));
  }

  /**
   * Closes all sockets and sends the server no COM_QUIT. The server then rolls back their transactions. The driver only ends its side of
   * a socket, and the process would stay until a silent server answers.
   */
  destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await limited(this.#pool.end(), CONNECT_TIMEOUT_MS).catch(() => this.destroy());
  }
}
