import { CONNECT_TIMEOUTS } from "../connect-timeouts.ts";
import type { Orm } from "../orm.ts";

export const orm: Orm = {
  id: "knex",
  packageName: "knex",
  colour: "#8a6d3b",
  class: "query-builder",
  driver: "mysql2",
  capabilities: new Set(["bulk-insert", "bulk-update", "multi-statements", "raw-sql"]),
  api: "builder",
  settings: {
    connectTimeoutMs: CONNECT_TIMEOUTS.mysql2.setting,
    multipleStatements: "only for multi-statement",
    prepared: "none: Knex builds each statement again and mysql2 sends it as text",
    pool: "tarn, as Knex opens it: at least 2 connections, others close after 30 s without use, 60 s wait for one",
    version: "not set (the default): the first connection of a pool sends SELECT VERSION()",
  },
  defaultPoolConnections: 10,
  statements: { insertOne: 1, insertMany: 1, updateOne: 1, updateWhere: 1, transaction: 2 },
  connect: async (options) => (await import("./session.ts")).connect(options),
};
