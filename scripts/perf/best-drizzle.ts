import { bestCellOf } from "./lib/cells.ts";
import type { PerfMeasure } from "./lib/measure.ts";

export const measure: PerfMeasure = {
  id: "best-drizzle",
  what: "best Drizzle cell, not raw SQL",
  against: "set-based on one connection",
  limit: 1,
  unit: "x",
  run: (context) => bestCellOf("drizzle", context),
};
