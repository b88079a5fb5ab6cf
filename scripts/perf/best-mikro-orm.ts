import { bestCellOf } from "./lib/cells.ts";
import type { PerfMeasure } from "./lib/measure.ts";

export const measure: PerfMeasure = {
  id: "best-mikro-orm",
  what: "best MikroORM cell, not raw SQL",
  against: "set-based on one connection",
  limit: null,
  unit: "x",
  run: (context) => bestCellOf("mikro-orm", context),
};
