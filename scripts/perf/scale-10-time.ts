import type { PerfMeasure } from "./lib/measure.ts";
import { atTenfold } from "./lib/tenfold.ts";

export const measure: PerfMeasure = {
  id: "scale-10-time",
  what: "time of a sample, 10x the orders and users: chunked, case-when, load-data, set-based",
  against: "1x",
  limit: 11,
  unit: "x",
  isOnlyByName: true,
  run: (context) => atTenfold(context, "wallMs"),
};
