import { CONNECT_TIMEOUTS } from "../connect-timeouts.ts";
import type { Orm } from "../orm.ts";

export const orm: Orm = {
  id: "kysely",
  packageName: "kysely",
  colour: "#5e4fa2",
  class: "query-builder",
  driver: "mysql2",
  capabilities: new Set(["bulk-insert", "bulk-update", "multi-statements", "raw-sql"]),
  api: "builder",
  settings: {
    connectTimeoutMs: CONNECT_TIMEOUTS.mysql2.setting,
    multipleStatements: "only for multi-statement",
    prepared: "none: Kysely builds each statement again and mysql2 sends it as text",
    plugins: "none (the default): the code names columns as the schema does",
  },
  // of mysql2's pool, which the application creates
  defaultPoolConnections: 10,
  statements: { insertOne: 1, insertMany: 1, updateOne: 1, updateWhere: 1, transaction: 2 },
  connect: async (options) => (await import("./session.ts")).connect(options),
};
