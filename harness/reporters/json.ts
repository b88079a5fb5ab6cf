import { summarise } from "../summary.ts";
import type { Reporter } from "./reporter.ts";

export const reporter: Reporter = {
  id: "json",
  summary: "summary.json: the run's settings and a row per cell, for programs",
  files: async ({ run, samples, end }) => {
    const summary = { run, end, cells: summarise({ run, samples, end }) };
    return [{ name: "summary.json", content: `${JSON.stringify(summary, null, 2)}\n` }];
  },
};
