import mysql from "mysql2/promise";
import type { Pool, PoolConnection, RowDataPacket } from "mysql2/promise";
import { orm as honest } from "../../orms/mysql2/index.ts";
import type { Orm, SqlValue } from "../../orms/orm.ts";
import { inTransaction, RawSession, type RawDriver } from "../../orms/raw-session.ts";

function driverOn(db: Pool | PoolConnection, pool: Pool): RawDriver {
  const prepared: RawDriver["prepared"] = async (sql, params) => {
    const [rows] = await db.execute<RowDataPacket[]>(sql, params as SqlValue[]);
    return rows;
  };
  return {
    prepared,
    text: (sql, params) => prepared(sql, params as SqlValue[]),
    insertRows: async (into, rows) => void (await db.query(`${into} ?`, [rows])),
    async transaction(work) {
      const connection = await pool.getConnection();
      return inTransaction(connection, () => work(driverOn(connection, pool)));
    },
    close: () => pool.end(),
  };
}

/** Sends hand-written SQL as a prepared statement, so that the server counts its placeholders. */
export const orm: Orm = {
  ...honest,
  id: "prepares-every-statement",
  connect: async ({ target: { host, port, user, password, schema }, storage }) => {
    const pool = mysql.createPool({ host, port, user, password, database: schema, timezone: "Z", connectionLimit: 1 });
    return new RawSession(driverOn(pool, pool), storage);
  },
};
