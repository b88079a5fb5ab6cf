import { jsonFile, timedCells } from "./parts/interop.ts";
import type { Reporter } from "./reporter.ts";

const NS_PER_MS = 1e6;

/** Bencher Metric Format: benchmark -> measure -> value. `latency` is its built-in measure, in nanoseconds. */
export const reporter: Reporter = {
  id: "bencher",
  summary: "bencher.json: Bencher Metric Format, for `bencher run --adapter json`",
  files: async (results) =>
    jsonFile(
      "bencher.json",
      Object.fromEntries(
        timedCells(results).map(({ summary: { cell, medianWallMs, minWallMs, maxWallMs, statements, peakRssBytes } }) => [
          cell.id,
          {
            latency: {
              value: (medianWallMs ?? Number.NaN) * NS_PER_MS,
              lower_value: (minWallMs ?? Number.NaN) * NS_PER_MS,
              upper_value: (maxWallMs ?? Number.NaN) * NS_PER_MS,
            },
            ...(statements !== null && { statements: { value: statements } }),
            ...(peakRssBytes !== null && { "peak-rss": { value: peakRssBytes } }),
          },
        ]),
      ),
    ),
};
