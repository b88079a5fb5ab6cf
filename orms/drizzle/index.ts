import { CONNECT_TIMEOUTS } from "../connect-timeouts.ts";
import type { Orm } from "../orm.ts";
import { importWithOwnFiles } from "../own-files.ts";

export const orm: Orm = {
  id: "drizzle",
  packageName: "drizzle-orm",
  colour: "#009e73",
  class: "query-builder",
  driver: "mysql2",
  capabilities: new Set(["bulk-insert", "bulk-update", "multi-statements", "raw-sql"]),
  api: "builder",
  settings: {
    connectTimeoutMs: CONNECT_TIMEOUTS.mysql2.setting,
    prepared: "none: Drizzle builds each statement again and mysql2 sends it as text",
    multipleStatements: "only for multi-statement",
  },
  defaultPoolConnections: 10,
  statements: { insertOne: 1, insertMany: 1, updateOne: 1, updateWhere: 1, transaction: 2 },
  async connect(options) {
    const { connect } = await importWithOwnFiles("drizzle-orm", () => import("./session.ts"));
    return connect(options);
  },
};
