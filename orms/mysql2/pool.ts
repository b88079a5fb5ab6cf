/** The mysql2 pool for all libraries that use this driver. */
import { createPool, type Pool } from "mysql2/promise";
import { mysql2Options } from "../mysql2-options.ts";
import { connectionSetup, isUsed, type ConnectOptions } from "../orm.ts";

export function openMysql2Pool(options: ConnectOptions): Pool {
  const { host, port, user, password, schema } = options.target;
  const pool = createPool({
    host,
    port,
    user,
    password,
    database: schema,
    connectionLimit: options.poolConnections,
    timezone: "Z",
    // off by default, because it makes an SQL injection worse
    multipleStatements: isUsed(options, "multi-statements"),
    ...mysql2Options(options.target),
  });
  // mysql2 sends commands in order, so these statements come before the first statement on the connection.
  pool.pool.on("connection", (connection) => {
    for (const sql of connectionSetup(options)) connection.query(sql);
  });
  return pool;
}
