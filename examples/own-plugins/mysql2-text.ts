import { createPool, type Pool, type PoolConnection, type RowDataPacket } from "mysql2/promise";
import { connectionSetup, inTransaction, mysql2Tls, RawSession } from "orm-shootout/plugin";
import type { ConnectOptions, Orm, RawDriver, SqlParameter } from "orm-shootout/plugin";

export const orm: Orm = {
  id: "mysql2-text",
  packageName: "mysql2",
  class: "raw",
  driver: "mysql2",
  capabilities: new Set(["bulk-insert", "bulk-update", "raw-sql"]),
  api: "raw-sql",
  settings: { prepared: "none: query() sends text" },
  defaultPoolConnections: 10,
  statements: { insertOne: 1, insertMany: 1, updateOne: 1, updateWhere: 1, transaction: 2 },
  connect: async (options) => {
    const pool = openPool(options);
    return new RawSession(driverOn(pool, pool), options.storage);
  },
};

function openPool(options: ConnectOptions): Pool {
  const { host, port, user, password, schema } = options.target;
  const server = { host, port, user, password, database: schema, ...mysql2Tls(options.target) };
  const pool = createPool({ ...server, timezone: "Z", connectionLimit: options.poolConnections });
  pool.pool.on("connection", (connection) => {
    for (const statement of connectionSetup(options)) connection.query(statement);
  });
  return pool;
}

function driverOn(db: Pool | PoolConnection, pool: Pool): RawDriver {
  const text: RawDriver["text"] = async (sql, params) => {
    const [rows] = await db.query<RowDataPacket[]>(sql, params as SqlParameter[]);
    return rows;
  };
  return {
    text,
    prepared: text,
    insertRows: async (into, rows) => void (await db.query(`${into} ?`, [rows])),
    async transaction(work) {
      const connection = await pool.getConnection();
      return inTransaction(connection, () => work(driverOn(connection, pool)));
    },
    close: () => pool.end(),
  };
}
