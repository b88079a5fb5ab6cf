import type { PerfMeasure } from "./lib/measure.ts";
import { atTenfold } from "./lib/tenfold.ts";

export const measure: PerfMeasure = {
  id: "scale-10-memory",
  what: "peak resident memory of the measured process, 10x the orders and users: chunked, case-when, load-data, set-based",
  against: "1x",
  limit: 1.1,
  unit: "x",
  isOnlyByName: true,
  run: (context) => atTenfold(context, "peakRssBytes"),
};
