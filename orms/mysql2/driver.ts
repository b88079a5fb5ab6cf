/** mysql2: `execute` prepares and caches per connection, `query` sends text with nested lists for VALUES. */
import { createPool, type Pool, type PoolConnection, type RowDataPacket } from "mysql2/promise";
import type { ConnectOptions, SqlValue } from "../orm.ts";
import { inTransaction, type RawDriver, type SqlParameter } from "../raw-session.ts";

export function createDriver({ target, poolConnections }: ConnectOptions): RawDriver {
  const { host, port, user, password, schema } = target;
  return new Mysql2Driver(
    createPool({ host, port, user, password, database: schema, connectionLimit: poolConnections, timezone: "Z" }),
  );
}

class Mysql2Driver implements RawDriver {
  readonly #db: Pool | PoolConnection;

  constructor(db: Pool | PoolConnection) {
    this.#db = db;
  }

  async prepared(sql: string, params: readonly SqlValue[]) {
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

  async transaction<T>(work: (driver: RawDriver) => Promise<T>): Promise<T> {
    if (!("getConnection" in this.#db)) throw new Error("a transaction inside a transaction");
    const connection = await this.#db.getConnection();
    return inTransaction(connection, () => work(new Mysql2Driver(connection)));
  }

  async close() {
    if ("getConnection" in this.#db) await this.#db.end();
  }
}
