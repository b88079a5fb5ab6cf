/** Writes the pages of the trials into their folder, and the table to the terminal. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFiles, writeOutput, type Output } from "../../reporters/parts/output.ts";
import type { RenderedFile, TerminalOptions } from "../../reporters/reporter.ts";
import { CHAOS_RECORDS_FILE, type ChaosResults } from "../records.ts";
import { chaosCsv, chaosJson, chaosMarkdown, chaosTable } from "./tables.ts";
import { shownTrials, timelineChart } from "./timeline.ts";

const TIMELINES = "timelines";

/** @throws BenchError RESULTS_NOT_WRITTEN */
export async function publishChaos(results: ChaosResults, folder: string, output: Output): Promise<void> {
  await mkdir(join(folder, TIMELINES), { recursive: true });
  for (const trial of shownTrials(results))
    await writeFiles(folder, [{ name: `${TIMELINES}/${trial.fault}.svg`, content: await timelineChart(trial, results) }]);
  const files: RenderedFile[] = [
    { name: "chaos.md", content: chaosMarkdown(results) },
    { name: "chaos.csv", content: chaosCsv(results) },
    { name: "chaos.json", content: `${chaosJson(results)}\n` },
  ];
  const rendered = {
    files,
    tables: [({ colour, columns }: TerminalOptions) => chaosTable(results, colour, columns)],
    json: () => chaosJson(results),
  };
  await writeOutput(rendered, { folder, recordsFile: CHAOS_RECORDS_FILE }, output);
}
