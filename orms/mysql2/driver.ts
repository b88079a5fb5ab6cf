/** mysql2: `execute` prepares statements and caches them per connection, `query` sends text with nested lists for VALUES. */
import type { Pool, PoolConnection, ResultSetHeader, RowDataPacket } from "mysql2/promise";
import type { LoadFile } from "../load-data.ts";
import { openMysql2Pool } from "./pool.ts";
import type { ConnectOptions, SqlValue } from "../orm.ts";
import { inTransaction, type RawDriver, type SqlParameter } from "../raw-session.ts";

export function createDriver(options: ConnectOptions): RawDriver {
  return new Mysql2Driver(openMysql2Pool(options), options.statements);
}

class Mysql2Driver implements RawDriver {
  readonly #db: Pool | PoolConnection;
  readonly #statements: ConnectOptions["statements"];

  constructor(db: Pool | PoolConnection, statements: ConnectOptions["statements"]) {
    this.#db = db;
    this.#statements = statements;
  }

  async prepared(sql: string, params: readonly SqlValue[]) {
    if (this.#statements === "text") return this.text(sql, params);
    const [rows] = await this.#db.execute<RowDataPacket[]>(sql, params as SqlValue[]);
    return rows;
  }

  async text(sql: string, params: readonly SqlParameter[]) {
    const [rows] = await this.#db.query<RowDataPacket[]>(sql, params as SqlParameter[]);
    return rows;
  }

  async insertRows(into: string, rows: readonly (readonly SqlValue[])[]) {
    await this.#db.query(`${into} ?`, [rows]);
  }

  async loadData(sql: string, file: LoadFile) {
    const [{ affectedRows, warningStatus }] = await this.#db.query<ResultSetHeader>({ sql, infileStreamFactory: file });
    return { stored: affectedRows, warnings: warningStatus };
  }

  async transaction<T>(work: (driver: RawDriver) => Promise<T>): Promise<T> {
    if (!("getConnection" in this.#db)) throw new Error("a session cannot start a transaction inside a transaction");
    const connection = await this.#db.getConnection();
    return inTransaction(connection, () => work(new Mysql2Driver(connection, this.#statements)));
  }

  async close() {
    if ("getConnection" in this.#db) await this.#db.end();
  }
}
