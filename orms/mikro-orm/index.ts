import { CONNECT_TIMEOUTS } from "../connect-timeouts.ts";
import type { Orm } from "../orm.ts";

export const orm: Orm = {
  id: "mikro-orm",
  packageName: "@mikro-orm/core",
  packages: ["@mikro-orm/core", "@mikro-orm/mysql"],
  colour: "#e69f00",
  class: "full",
  driver: "mysql2",
  capabilities: new Set(["bulk-insert", "bulk-update", "multi-statements", "raw-sql", "unit-of-work"]),
  api: "native",
  settings: {
    connectTimeoutMs: CONNECT_TIMEOUTS.mysql2.setting,
    prepared: "none: MikroORM writes the values into each statement and mysql2 sends it as text",
    batchSize: "300 (the default: rows per INSERT or UPDATE of a flush; insertMany does not split)",
    multipleStatements: "only for multi-statement",
    identityMap: "reads of orders and lists of users bypass it",
  },
  defaultPoolConnections: 10,
  // A flush sends BEGIN, its statements and COMMIT; updateOne first reads the row. The counts omit one statement: the first
  // INSERT of a pool also reads auto_increment_increment.
  statements: { insertOne: 3, insertMany: 1, updateOne: 4, updateWhere: 1, transaction: 2 },
  connect: async (options) => (await import("./session.ts")).connect(options),
};
