import type { Orm } from "../orm.ts";

export const orm: Orm = {
  id: "sequelize",
  packageName: "sequelize",
  colour: "#882255",
  class: "full",
  driver: "mysql2",
  capabilities: new Set(["bulk-insert", "bulk-update", "raw-sql"]),
  api: "native",
  settings: {
    prepared: "create and update (one row or many): execute, cached per connection by mysql2; everything else is text",
    reads: "raw: true, which the documentation advises for many rows",
    logging: false,
    poolMin: "the size of the pool (default 0), so that Sequelize closes no idle connection before the clock starts",
    poolAcquireMs: 60_000,
    poolIdleMs: 10_000,
  },
  defaultPoolConnections: 5,
  statements: { insertOne: 1, insertMany: 1, updateOne: 1, updateWhere: 1, transaction: 2 },
  connect: async (options) => (await import("./session.ts")).connect(options),
  // Sequelize keeps the driver's error in `parent`, and `cause` is empty.
  errorNumber: (error) => (error as { parent?: { errno?: number } }).parent?.errno,
};
