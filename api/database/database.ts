/**
 * The service's way to MySQL: a pool whose waits are limited and measured, and transactions that leave nothing behind. mysql2's
 * own queue can be bounded in length but not in time, so nobody queues there: places are handed out here.
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
  /** Rows of a prepared statement. The type parameter is the caller's knowledge of its own SQL. */
  rows<Row>(sql: string, params?: readonly SqlParameter[]): Promise<Row[]>;
  /** One prepared statement without rows. */
  run(sql: string, params?: readonly SqlParameter[]): Promise<ResultSetHeader>;
  /** A statement whose length varies with lists in its parameters: sent as text, escaped by the driver. */
  text<Row>(sql: string, params: readonly unknown[]): Promise<Row[]>;
}

export interface Session extends Statements {
  /**
   * Runs `work` in a transaction: committed when it returns, rolled back when it throws, whatever it throws. InnoDB itself rolls
   * back only the statement that waited too long: what came before would stay open and locked. A deadlock's victim runs again.
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

/** Pairs of transactions that meet again and again are rare: the first retry nearly always succeeds. */
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
    // READ COMMITTED: a write locks the rows it changes and no gaps between them, and sees what was committed before it
    const setup = ["transaction_isolation = 'READ-COMMITTED'", "sql_mode = 'STRICT_ALL_TABLES'"];
    // the second is for whole tables, which an ALTER TABLE may hold: by default a year
    if (lockWaitSeconds !== null)
      setup.push(`innodb_lock_wait_timeout = ${lockWaitSeconds}`, `lock_wait_timeout = ${lockWaitSeconds}`);
    else setup.push("lock_wait_timeout = @@GLOBAL.innodb_lock_wait_timeout");
    this.#pool.pool.on("connection", (connection) => {
      // mysql2 sends commands in order, so this comes before the first statement of whoever gets the connection
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
   * Work on one connection, from the pool and back.
   * @throws ApiProblem pool-timeout, database-unavailable, outcome-unknown, and what `work` throws
   */
  async withSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const hasPlace = await this.#places.acquire(this.#waitMs);
    this.#observer?.waitedForConnection(performance.now() - startedAt);
    if (!hasPlace) throw new ApiProblem("pool-timeout", `no connection became free within ${this.#waitMs} ms`);
    try {
      return await this.#withConnection((connection) => work(new PooledSession(connection, this.#observer)));
    } catch (error) {
      const isBroken = error instanceof BrokenConnection;
      const cause = isBroken ? error.cause : error;
      // what ended a transaction that could not be rolled back is nobody's concern but the log's, unless it is an answer already
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
      // one that may still hold a transaction, or half an answer, is given to nobody
      if (isUsable) connection.release();
      else connection.destroy();
    }
  }

  /** A transaction on a connection of its own: see {@link Session.transaction}. */
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
        throw new BrokenConnection("the transaction could not be rolled back", { cause: error });
      });
      throw error;
    }
    try {
      await this.#connection.query("COMMIT");
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      const cause = new ApiProblem("outcome-unknown", "ask again with the same idempotency key", { cause: error });
      throw new BrokenConnection("the commit was not answered", { cause });
    }
    return result;
  }
}

/** Nobody may get this connection again. The cause is what is told. */
class BrokenConnection extends Error {}
