/** Statements and transactions on one connection of the pool. */
import { setTimeout as delay } from "node:timers/promises";
import type { PoolConnection, ResultSetHeader, RowDataPacket } from "mysql2/promise";
import { hasFault } from "../faults.ts";
import { ApiProblem } from "../problems.ts";
import { isCommitUnknown, isDeadlock } from "./errors.ts";
import { limited, StatementGivenUp } from "./limit.ts";

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

export interface TransactionLimits {
  /** the statements of the transaction together; without it, only each statement has its limit */
  readonly limitMs?: number;
  /** how often the victim of a deadlock runs again in total (default: 5) */
  readonly attempts?: number;
  /** the longest time for the answer to one statement, instead of the one of the database */
  readonly statementMs?: number;
}

export interface Session extends Statements {
  /**
   * Runs `work` in a transaction: commits when `work` returns, and rolls back when it throws any error. After a lock wait
   * timeout InnoDB rolls back only the statement, so earlier changes would stay open and locked. The victim of a deadlock
   * runs again.
   */
  transaction<T>(work: (session: Statements) => Promise<T>, limits?: TransactionLimits): Promise<T>;
}

/** Transactions that deadlock repeatedly are rare: the first retry nearly always succeeds. */
const MAX_ATTEMPTS = 5;
const FIRST_PAUSE_MS = 2;

/** The pool must not hand out this connection again. The caller receives the cause. */
export class BrokenConnection extends Error {}

interface SessionParts {
  readonly statementMs: number;
  onDeadlock(): void;
  onStatement(): void;
  /** called after the connection is closed */
  onGivenUp(): void;
}

export class PooledSession implements Session {
  readonly #connection: PoolConnection;
  readonly #parts: SessionParts;
  #statementMs: number;
  /** by the monotonic clock */
  #deadlineMs = Number.POSITIVE_INFINITY;

  constructor(connection: PoolConnection, parts: SessionParts) {
    this.#connection = connection;
    this.#parts = parts;
    this.#statementMs = parts.statementMs;
  }

  async rows<Row>(sql: string, params: readonly SqlParameter[] = []): Promise<Row[]> {
    const [rows] = await this.#limited((connection) => connection.execute<RowDataPacket[]>(sql, [...params]));
    return rows as Row[];
  }

  async run(sql: string, params: readonly SqlParameter[] = []): Promise<ResultSetHeader> {
    const [header] = await this.#limited((connection) => connection.execute<ResultSetHeader>(sql, [...params]));
    return header;
  }

  async text<Row>(sql: string, params: readonly unknown[]): Promise<Row[]> {
    const [rows] = await this.#limited((connection) => connection.query<RowDataPacket[]>(sql, [...params]));
    return rows as Row[];
  }

  async #limited<T>(send: (connection: PoolConnection) => Promise<T>): Promise<T> {
    const leftMs = this.#deadlineMs - performance.now();
    if (leftMs <= 0) throw new TransactionTooLong("the transaction exceeded its time limit");
    this.#parts.onStatement();
    try {
      return await limited(send(this.#connection), Math.min(this.#statementMs, leftMs));
    } catch (error) {
      if (isDeadlock(error) && hasFault("retries-statement")) return await send(this.#connection);
      if (error instanceof StatementGivenUp) {
        this.#connection.destroy();
        this.#parts.onGivenUp();
      }
      throw error;
    }
  }

  async transaction<T>(work: (session: Statements) => Promise<T>, limits: TransactionLimits = {}): Promise<T> {
    const { limitMs = Number.POSITIVE_INFINITY, attempts = MAX_ATTEMPTS, statementMs = this.#parts.statementMs } = limits;
    for (let attempt = 1; ; attempt += 1) {
      this.#deadlineMs = performance.now() + limitMs;
      this.#statementMs = statementMs;
      try {
        return await this.#inTransaction(work);
      } catch (error) {
        if (!isDeadlock(error)) throw error;
        this.#parts.onDeadlock();
        if (attempt >= attempts) throw error;
      } finally {
        this.#deadlineMs = Number.POSITIVE_INFINITY;
        this.#statementMs = this.#parts.statementMs;
      }
      await delay(FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random()));
    }
  }

  async #inTransaction<T>(work: (session: Statements) => Promise<T>): Promise<T> {
    await this.#limited((connection) => connection.query("START TRANSACTION"));
    let result: T;
    try {
      result = await work(this);
    } catch (error) {
      await this.#rollBack(error);
      throw error;
    }
    try {
      await this.#limited((connection) => connection.query("COMMIT"));
    } catch (error) {
      if (error instanceof TransactionTooLong) {
        await this.#rollBack(error);
        throw error;
      }
      if (!isCommitUnknown(error)) {
        await this.#rollBack(error);
        throw error;
      }
      const cause = new ApiProblem("outcome-unknown", "repeat the request with the same idempotency key", { cause: error });
      throw new BrokenConnection("the server did not answer the commit", { cause });
    }
    return result;
  }

  /** Without it, the next START TRANSACTION would commit the first half of this transaction. @throws BrokenConnection */
  async #rollBack(reason: unknown): Promise<void> {
    if (hasFault("no-rollback")) return;
    this.#deadlineMs = Number.POSITIVE_INFINITY;
    await this.#limited((connection) => connection.query("ROLLBACK")).catch(() => {
      throw new BrokenConnection("the server did not roll back the transaction", { cause: reason });
    });
  }
}

/** The client gives up a transaction, so that it holds its rows for a bounded time. */
class TransactionTooLong extends Error {}
