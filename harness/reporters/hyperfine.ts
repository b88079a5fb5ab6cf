import { ormLabel } from "../plan/cell.ts";
import { mean, standardDeviation } from "../statistics/quantiles.ts";
import { jsonFile, timedCells } from "./parts/interop.ts";
import type { Reporter } from "./reporter.ts";

const MS_PER_S = 1_000;

/** The format of `hyperfine --export-json`, in seconds, for scripts and charts that read this format. */
export const reporter: Reporter = {
  id: "hyperfine",
  summary: "hyperfine.json: the format of `hyperfine --export-json`",
  files: async (results) =>
    jsonFile("hyperfine.json", {
      results: timedCells(results).map(({ summary: { cell, medianWallMs, minWallMs, maxWallMs, clientCpuMs }, samples }) => {
        const times = samples.map(({ wallMs }) => wallMs / MS_PER_S);
        return {
          command: cell.id,
          mean: mean(times),
          stddev: standardDeviation(times),
          median: (medianWallMs ?? Number.NaN) / MS_PER_S,
          // records do not separate user and system time: `user` holds all CPU time of the client
          user: (clientCpuMs ?? 0) / MS_PER_S,
          system: 0,
          min: (minWallMs ?? Number.NaN) / MS_PER_S,
          max: (maxWallMs ?? Number.NaN) / MS_PER_S,
          times,
          exit_codes: times.map(() => 0),
          parameters: {
            strategy: cell.strategy,
            orm: ormLabel(cell),
            key: cell.key,
            workers: String(cell.workers),
            ...(cell.side !== null && { side: cell.side }),
          },
        };
      }),
    }),
};
