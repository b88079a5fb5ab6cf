import { CONNECT_TIMEOUTS } from "../connect-timeouts.ts";
import type { Orm } from "../orm.ts";
import { RawSession } from "../raw-session.ts";

export const orm: Orm = {
  id: "mariadb",
  packageName: "mariadb",
  colour: "#56b4e9",
  class: "raw",
  driver: "mariadb",
  capabilities: new Set([
    "bulk-insert",
    "bulk-update",
    "statement-batch",
    "multi-statements",
    "prepared-statements",
    "load-data",
    "raw-sql",
  ]),
  api: "raw-sql",
  settings: {
    connectTimeoutMs: CONNECT_TIMEOUTS.mariadb.setting,
    rowByRow: "execute (prepared, cached per connection)",
    bulk: "query (escaped by the client)",
    batch: "pipelined executes on MySQL, the bulk protocol on MariaDB",
    multipleStatements: "only for multi-statement",
    permitLocalInfile: "only for techniques with LOAD DATA, where it turns pipelining off",
  },
  defaultPoolConnections: 10,
  // A transaction with a batch disables and enables autocommit.
  statements: { insertOne: 1, insertMany: 1, updateOne: 1, updateWhere: 1, transaction: 2, executeBatch: 2 },
  connect: async (options) => new RawSession((await import("./driver.ts")).createDriver(options), options.storage),
};
