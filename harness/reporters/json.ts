import { summarise } from "../results/summary.ts";
import type { Reporter } from "./reporter.ts";

export const reporter: Reporter = {
  id: "json",
  summary: "summary.json: settings of the run and one entry per cell, for programs",
  files: async (results) => {
    const { run, resumptions, end } = results;
    const summary = { run, resumptions, end, cells: summarise(results) };
    return [{ name: "summary.json", content: `${JSON.stringify(summary, null, 2)}\n` }];
  },
};
