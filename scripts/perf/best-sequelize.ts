import { bestCellOf } from "./lib/cells.ts";
import type { PerfMeasure } from "./lib/measure.ts";

export const measure: PerfMeasure = {
  id: "best-sequelize",
  what: "best Sequelize cell, not raw SQL",
  against: "set-based on one connection",
  limit: 2,
  unit: "x",
  run: (context) => bestCellOf("sequelize", context),
};
