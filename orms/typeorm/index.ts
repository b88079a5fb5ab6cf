import { CONNECT_TIMEOUTS } from "../connect-timeouts.ts";
import type { Orm } from "../orm.ts";

export const orm: Orm = {
  id: "typeorm",
  packageName: "typeorm",
  companions: ["reflect-metadata"],
  colour: "#d55e00",
  class: "full",
  driver: "mysql2",
  capabilities: new Set(["bulk-insert", "bulk-update", "multi-statements", "raw-sql", "unit-of-work"]),
  api: "native",
  settings: {
    connectTimeoutMs: CONNECT_TIMEOUTS.mysql2.setting,
    multipleStatements: "only for multi-statement",
    prepared: "none: TypeORM calls query() of mysql2, which sends text",
    single: "save(); insert() for a row with the client's key, because save() would read the row and overwrite a duplicate",
    bulk: "insert query builder with updateEntity(false): TypeORM copies no generated keys into the rows",
    isolation: "set once per connection; TypeORM's isolationLevel would add a statement to each transaction",
  },
  defaultPoolConnections: 10,
  // save() sends BEGIN, its statement and COMMIT. updateOne reads the row, save() reads the row again and writes the difference.
  statements: { insertOne: { serverKey: 3, clientKey: 1 }, insertMany: 1, updateOne: 5, updateWhere: 1, transaction: 2 },
  connect: async (options) => (await import("./session.ts")).connect(options),
};
