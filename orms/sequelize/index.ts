import type { Orm } from "../orm.ts";
import { settings, tuned } from "./settings.ts";

export const orm: Orm = {
  id: "sequelize",
  packageName: "sequelize",
  colour: "#882255",
  class: "full",
  driver: "mysql2",
  capabilities: new Set(["bulk-insert", "bulk-update", "multi-statements", "raw-sql"]),
  api: "native",
  settings,
  tuned,
  defaultPoolConnections: 5,
  statements: { insertOne: 1, insertMany: 1, updateOne: 1, updateWhere: 1, transaction: 2 },
  connect: async (options) => (await import("./session.ts")).connect(options),
  // Sequelize keeps the driver's error in `parent`, and `cause` is empty.
  errorNumber: (error) => (error as { parent?: { errno?: number } }).parent?.errno,
};
