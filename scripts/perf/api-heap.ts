import { randomUUID } from "node:crypto";
import { DEFAULT_OPTIONS } from "../../api/options.ts";
import { ensureDataset } from "../../fixtures/index.ts";
import { readCatalogue } from "../../harness/scenario/data.ts";
import { median } from "../../harness/statistics/quantiles.ts";
import { connect } from "../../lib/connection.ts";
import { datasetOf, type PerfMeasure } from "./lib/measure.ts";
import { runProcess } from "./lib/processes.ts";
import { temporarySchema } from "./lib/schemas.ts";
import type { ApiHeapAnswer, ApiHeapTask } from "./processes/api-heap-process.ts";
import { bytes, decimal } from "../../harness/text/format.ts";

const PROCESS = new URL("./processes/api-heap-process.ts", import.meta.url);
const RATE_PER_SECOND = 100;
/** The measure reports the growth over this time. */
const SPAN_MS = 600_000;
/** With the default number of pairs, the readings fill the span. */
const READINGS_PER_PAIR = 6;
const USUAL_PAIRS = 6;
const EVERY_MS = SPAN_MS / (USUAL_PAIRS * READINGS_PER_PAIR);
/** The heap grows for six minutes, until V8 has optimised every path and every pool has reached its peak. Then it is flat. */
const WARM_UP_MS = 420_000;
const Z_95 = 1.96;

type Readings = ApiHeapAnswer["readings"];

/**
 * The Theil-Sen estimator: the median of all pairwise slopes, robust against single outliers, with the interval from Kendall's
 * statistic (Sen 1968, https://doi.org/10.1080/01621459.1968.10480934).
 * @returns bytes per millisecond
 */
export function slopeOf(readings: Readings): { slope: number; low: number; high: number } {
  const slopes = readings
    .flatMap((from, index) => readings.slice(index + 1).map((to) => (to.bytes - from.bytes) / (to.atMs - from.atMs)))
    .toSorted((a, b) => a - b);
  const n = readings.length;
  const spread = Z_95 * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const at = (index: number): number => slopes[Math.min(slopes.length - 1, Math.max(0, index))] ?? Number.NaN;
  return {
    slope: median(slopes),
    low: at(Math.floor((slopes.length - spread) / 2)),
    high: at(Math.ceil((slopes.length + spread) / 2)),
  };
}

export const measure: PerfMeasure = {
  id: "api-heap",
  what: "heap of the API after collection, 10 minutes later at the pace that was found",
  against: "the same at the beginning",
  // The measure can't distinguish a smaller growth in 10 minutes of load from no growth.
  limit: 1.02,
  unit: "x",

  async run(context) {
    const { database, log, signal, seed, pairs } = context;
    const parameters = datasetOf(context, 0.1);
    await using schema = await temporarySchema(database.target, "heap");
    await ensureDataset(schema.target, parameters, { log });
    const connection = await connect(schema.target);
    const catalogue = await readCatalogue(connection);
    connection.destroy();
    const { users, dormantUsers } = parameters;
    const task: ApiHeapTask = {
      options: { ...DEFAULT_OPTIONS, target: schema.target, adminToken: randomUUID() },
      traffic: { seed, ratePerSecond: RATE_PER_SECOND, users, dormantUsers, ...catalogue },
      warmUpMs: WARM_UP_MS * Math.min(1, pairs / USUAL_PAIRS),
      everyMs: EVERY_MS,
      readings: pairs * READINGS_PER_PAIR,
    };
    log.info(`api-heap: ${Math.round((task.warmUpMs + task.readings * EVERY_MS) / 1_000)} s at ${RATE_PER_SECOND} requests/s`);
    const { readings, answered, failed, accepted, batches } = await runProcess<ApiHeapAnswer>(PROCESS, task, signal);
    const { slope, low, high } = slopeOf(readings);
    const heap = median(readings.map(({ bytes }) => bytes));
    const after = (bytesPerMs: number): number => 1 + (bytesPerMs * SPAN_MS) / heap;
    const kibPerMinute = (bytesPerMs: number): string => decimal((bytesPerMs * 60_000) / 1_024, 1);
    return {
      value: after(slope),
      unit: "x",
      interval: { low: after(low), high: after(high) },
      pairs: readings.map(({ bytes }) => ({ base: null, candidate: bytes })),
      pairUnit: "bytes",
      note: `${readings.length} readings, one each ${EVERY_MS / 1_000} s, of a service that answered ${answered} requests (${failed} failed, ${accepted} deferred), reads and writes, beside ${batches} batches one after the other: ${bytes(heap)}, slope ${kibPerMinute(slope)} KiB a minute (${kibPerMinute(low)} to ${kibPerMinute(high)}).`,
      parts: [],
    };
  },
};
