import { bestCellOf } from "./lib/cells.ts";
import type { PerfMeasure } from "./lib/measure.ts";

export const measure: PerfMeasure = {
  id: "best-mysql2",
  what: "best mysql2 cell",
  against: "set-based on one connection",
  limit: 0.6,
  unit: "x",
  run: (context) => bestCellOf("mysql2", context),
};
