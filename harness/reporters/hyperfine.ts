import { ormLabel } from "../plan/cell.ts";
import { jsonFile, timedCells } from "./parts/interop.ts";
import type { Reporter } from "./reporter.ts";

const MS_PER_S = 1_000;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Of a sample; null for a single one, as hyperfine writes it. */
function standardDeviation(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}

/** The shape of `hyperfine --export-json`, in seconds, for the scripts and charts that read it. */
export const reporter: Reporter = {
  id: "hyperfine",
  summary: "hyperfine.json: as hyperfine --export-json writes it",
  files: async (results) =>
    jsonFile("hyperfine.json", {
      results: timedCells(results).map(({ summary: { cell, medianWallMs, minWallMs, maxWallMs, clientCpuMs }, samples }) => {
        const times = samples.map(({ wallMs }) => wallMs / MS_PER_S);
        return {
          command: cell.id,
          mean: mean(times),
          stddev: standardDeviation(times),
          median: (medianWallMs ?? Number.NaN) / MS_PER_S,
          // the two can't be told apart here: all of the client's CPU stands under user
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
