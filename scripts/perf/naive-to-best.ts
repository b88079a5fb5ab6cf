import { NAIVE_TO_BEST, bestToNaive } from "./lib/cells.ts";
import type { PerfMeasure } from "./lib/measure.ts";

export const measure: PerfMeasure = {
  id: NAIVE_TO_BEST,
  what: "best cell of a library, not raw SQL: the library that gains most",
  against: "naive through the same library, in full",
  limit: 0.01,
  unit: "x",
  isOnlyByName: true,
  run: bestToNaive,
};
