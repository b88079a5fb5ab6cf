import { CONNECT_TIMEOUTS } from "../connect-timeouts.ts";
import type { Orm } from "../orm.ts";
import { RawSession } from "../raw-session.ts";

export const orm: Orm = {
  id: "mysql2",
  packageName: "mysql2",
  colour: "#0072b2",
  class: "raw",
  driver: "mysql2",
  capabilities: new Set([
    "bulk-insert",
    "bulk-update",
    "multi-statements",
    "prepared-statements",
    "load-data",
    "raw-sql",
    "server-side",
  ]),
  api: "raw-sql",
  settings: {
    connectTimeoutMs: CONNECT_TIMEOUTS.mysql2.setting,
    rowByRow: "execute (prepared, cached per connection)",
    bulk: "query (escaped by the client)",
    multipleStatements: "only for multi-statement",
  },
  defaultPoolConnections: 10,
  statements: { insertOne: 1, insertMany: 1, updateOne: 1, updateWhere: 1, transaction: 2 },
  connect: async (options) => new RawSession((await import("./driver.ts")).createDriver(options), options.storage),
};
