import { duration } from "../text/format.ts";
import { jsonFile, timedCells } from "./parts/interop.ts";
import type { Reporter } from "./reporter.ts";

/** The format of github-action-benchmark's tool `customSmallerIsBetter`: name, unit, value, and an extra text. */
export const reporter: Reporter = {
  id: "github",
  summary: "github-action-benchmark.json: for github-action-benchmark with the tool customSmallerIsBetter",
  files: async (results) =>
    jsonFile(
      "github-action-benchmark.json",
      timedCells(results).flatMap(({ summary, samples }) => {
        const { cell, medianWallMs, minWallMs, maxWallMs, statements } = summary;
        const extra =
          `${samples.length} verified ${samples.length === 1 ? "sample" : "samples"}, ${cell.orm} ${summary.ormVersion ?? ""}`.trim();
        return [
          { name: cell.id, unit: "ms", value: medianWallMs, range: `${duration(minWallMs)} - ${duration(maxWallMs)}`, extra },
          ...(statements === null ? [] : [{ name: `${cell.id} statements`, unit: "statements", value: statements, extra }]),
        ];
      }),
    ),
};
