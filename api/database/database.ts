/**
 * The service's access to MySQL: a pool with limited and measured waits, and transactions that leave nothing open. mysql2
 * can limit its queue in length but not in time, so a semaphore queues the callers here.
 */
import { setTimeout as delay } from "node:timers/promises";
import { createPool, type Pool, type PoolConnection, type ResultSetHeader, type RowDataPacket } from "mysql2/promise";
import type { ConnectionTarget } from "../../lib/target.ts";
import { mysql2Tls } from "../../lib/tls.ts";
import { ApiProblem } from "../problems.ts";
import { isConnectionLost, isDeadlock } from "./errors.ts";
import { Semaphore } from "./semaphore.ts";

type SqlParameter = string | number | Date | Buffer | null;

/** Statements on one connection. */
export interface Statements {
  /** Rows of a prepared statement. The caller guarantees that the type parameter matches its SQL. */
  rows<Row>(sql: string, params?: readonly SqlParameter[]): Promise<Row[]>;
  /** One prepared statement without rows. */
  run(sql: string, params?: readonly SqlParameter[]): Promise<ResultSetHeader>;
  /** A statement whose length depends on lists in its parameters. The driver escapes them and sends text. */
  text<Row>(sql: string, params: readonly unknown[]): Promise<Row[]>;
}

export interface Session extends Statements {
  /**
   * Runs `work` in a transaction: commits when `work` returns, and rolls back when it throws any error. After a lock wait
   * timeout InnoDB rolls back only the statement, so earlier changes would stay open and locked. The victim of a deadlock
   * runs again, at most 5 times in total.
   */
  transaction<T>(work: (session: Statements) => Promise<T>): Promise<T>;
}

export interface DatabaseSettings {
  readonly target: ConnectionTarget;
  readonly connections: number;
  readonly waitMs: number;
  /** null: the server's own innodb_lock_wait_timeout */
  readonly lockWaitSeconds: number | null;
}

export interface DatabaseObserver {
  waitedForConnection(ms: number): void;
  deadlock(): void;
}

/** Transactions that deadlock repeatedly are rare: the first retry nearly always succeeds. */
const MAX_ATTEMPTS = 5;
const FIRST_PAUSE_MS = 2;
const CONNECT_TIMEOUT_MS = 5_000;

export class Database implements AsyncDisposable {
  readonly #pool: Pool;
  readonly #places: Semaphore;
  readonly #waitMs: number;
  readonly #observer: DatabaseObserver | undefined;

  constructor({ target, connections, waitMs, lockWaitSeconds }: DatabaseSettings, observer?: DatabaseObserver) {
    const { host, port, user, password, schema } = target;
    this.#pool = createPool({
      host,
      port,
      user,
      password,
      database: schema,
      connectionLimit: connections,
      connectTimeout: CONNECT_TIMEOUT_MS,
      timezone: "Z",
      supportBigNumbers: true,
      charset: "utf8mb4",
      ...mysql2Tls(target),
    });
    // With READ COMMITTED a write locks only the rows that it changes, not the gaps between them, and it sees everything
    // committed before it.
    const setup = ["transaction_isolation = 'READ-COMMITTED'", "sql_mode = 'STRICT_ALL_TABLES'"];
    // The second setting limits the wait for metadata locks, which an ALTER TABLE can hold. Its default is one year.
    if (lockWaitSeconds !== null)
      setup.push(`innodb_lock_wait_timeout = ${lockWaitSeconds}`, `lock_wait_timeout = ${lockWaitSeconds}`);
    else setup.push("lock_wait_timeout = @@GLOBAL.innodb_lock_wait_timeout");
    this.#pool.pool.on("connection", (connection) => {
      // mysql2 sends commands in order, so the settings apply before the first statement on the connection.
      connection.query(`SET ${setup.map((setting) => `SESSION ${setting}`).join(", ")}`);
    });
    this.#places = new Semaphore(connections);
    this.#waitMs = waitMs;
    this.#observer = observer;
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
    const hasPlace = await this.#places.acquire(this.#waitMs);
    this.#observer?.waitedForConnection(performance.now() - startedAt);
    if (!hasPlace) throw new ApiProblem("pool-timeout", `no connection became available within ${this.#waitMs} ms`);
    try {
      return await this.#withConnection((connection) => work(new PooledSession(connection, this.#observer)));
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

  async #withConnection<T>(work: (connection: PoolConnection) => Promise<T>): Promise<T> {
    const connection = await this.#pool.getConnection();
    let isUsable = true;
    try {
      return await work(connection);
    } catch (error) {
      const reason = error instanceof ApiProblem ? error.cause : error;
      isUsable = !(isConnectionLost(reason) || reason instanceof BrokenConnection);
      throw error;
    } finally {
      // The connection may hold an open transaction or half an answer, which the next caller would receive.
      if (isUsable) connection.release();
      else connection.destroy();
    }
  }

  /** Runs a transaction on a separate connection: see {@link Session.transaction}. */
  transaction<T>(work: (session: Statements) => Promise<T>): Promise<T> {
    return this.withSession((session) => session.transaction(work));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end();
  }
}

class PooledSession implements Session {
  readonly #connection: PoolConnection;
  readonly #observer: DatabaseObserver | undefined;

  constructor(connection: PoolConnection, observer: DatabaseObserver | undefined) {
    this.#connection = connection;
    this.#observer = observer;
  }

  async rows<Row>(sql: string, params: readonly SqlParameter[] = []): Promise<Row[]> {
    const [rows] = await this.#connection.execute<RowDataPacket[]>(sql, [...params]);
    return rows as Row[];
  }

  async run(sql: string, params: readonly SqlParameter[] = []): Promise<ResultSetHeader> {
    const [header] = await this.#connection.execute<ResultSetHeader>(sql, [...params]);
    return header;
  }

  async text<Row>(sql: string, params: readonly unknown[]): Promise<Row[]> {
    const [rows] = await this.#connection.query<RowDataPacket[]>(sql, [...params]);
    return rows as Row[];
  }

  async transaction<T>(work: (session: Statements) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#inTransaction(work);
      } catch (error) {
        if (!isDeadlock(error)) throw error;
        this.#observer?.deadlock();
        if (attempt === MAX_ATTEMPTS) throw error;
        await delay(FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random()));
      }
    }
  }

  async #inTransaction<T>(work: (session: Statements) => Promise<T>): Promise<T> {
    await this.#connection.query("START TRANSACTION");
    let result: T;
    try {
      result = await work(this);
    } catch (error) {
      await this.#connection.query("ROLLBACK").catch(() => {
        throw new BrokenConnection("the server did not roll back the transaction", { cause: error });
      });
      throw error;
    }
    try {
      await this.#connection.query("COMMIT");
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      const cause = new ApiProblem("outcome-unknown", "repeat the request with the same idempotency key", { cause: error });
      throw new BrokenConnection("the server did not answer the commit", { cause });
    }
    return result;
  }
}

/** The pool must not hand out this connection again. The caller receives the cause. */
class BrokenConnection extends Error {}
