/** The MariaDB connector: `execute` prepares and caches per connection, `query` sends text. */
import { createPool, type Pool, type PoolConnection } from "mariadb";
import { connectionSetup, type ConnectOptions, type SqlValue } from "../orm.ts";
import { inTransaction, type RawDriver, type SqlParameter } from "../raw-session.ts";

export function createDriver(options: ConnectOptions): RawDriver {
  const { host, port, user, password, schema } = options.target;
  const pool = createPool({
    host,
    port,
    user,
    password,
    database: schema,
    connectionLimit: options.poolConnections,
    initSql: connectionSetup(options),
    timezone: "Z",
    bigIntAsNumber: true,
    // without TLS, caching_sha2_password needs the server's public key; without this it ends in a pool time-out
    allowPublicKeyRetrieval: true,
  });
  return new MariadbDriver(pool, pool, options.statements);
}

/** The connector writes a Uint8Array that is no Buffer as JSON. */
const sendable = (value: SqlParameter): unknown =>
  value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;

class MariadbDriver implements RawDriver {
  readonly #db: Pool | PoolConnection;
  readonly #pool: Pool | null;
  readonly #statements: ConnectOptions["statements"];

  constructor(db: Pool | PoolConnection, pool: Pool | null, statements: ConnectOptions["statements"]) {
    this.#db = db;
    this.#pool = pool;
    this.#statements = statements;
  }

  prepared(sql: string, params: readonly SqlValue[]) {
    if (this.#statements === "text") return this.text(sql, params);
    return this.#db.execute<object[]>(sql, params.map(sendable));
  }

  text(sql: string, params: readonly SqlParameter[]) {
    return this.#db.query<object[]>(sql, params.map(sendable));
  }

  async insertRows(into: string, rows: readonly (readonly SqlValue[])[]) {
    const tuple = `(${(rows[0] ?? []).map(() => "?").join(", ")})`;
    await this.#db.query(
      `${into} ${rows.map(() => tuple).join(", ")}`,
      rows.flatMap((row) => row.map(sendable)),
    );
  }

  /** On MySQL: one EXECUTE per set, sent without waiting. On MariaDB the bulk protocol. Each commits by itself outside a transaction. */
  async batch(sql: string, paramSets: readonly (readonly SqlValue[])[]) {
    await this.#db.batch(
      sql,
      paramSets.map((set) => set.map(sendable)),
    );
  }

  async transaction<T>(work: (driver: RawDriver) => Promise<T>): Promise<T> {
    if (this.#pool === null) throw new Error("a transaction inside a transaction");
    const connection = await this.#pool.getConnection();
    return inTransaction(connection, () => work(new MariadbDriver(connection, null, this.#statements)));
  }

  async close() {
    await this.#pool?.end();
  }
}
