/** Writes the pages of the trials into their folder, and the table to the terminal. */
import { writeOutput, type Output } from "../../reporters/parts/output.ts";
import type { RenderedFile, TerminalOptions } from "../../reporters/reporter.ts";
import { CHAOS_RECORDS_FILE, type ChaosResults } from "../records.ts";
import { chaosCsv, chaosJson, chaosMarkdown, chaosTable } from "./tables.ts";
import { timelineChart } from "./timeline.ts";

/** @throws BenchError RESULTS_NOT_WRITTEN */
export async function publishChaos(results: ChaosResults, folder: string, output: Output): Promise<void> {
  const chart = await timelineChart(results);
  const files: RenderedFile[] = [
    { name: "chaos.md", content: chaosMarkdown(results) },
    { name: "chaos.csv", content: chaosCsv(results) },
    { name: "chaos.json", content: `${chaosJson(results)}\n` },
    ...(chart === null ? [] : [{ name: "chaos.svg", content: chart }]),
  ];
  const rendered = {
    files,
    tables: [({ colour, columns }: TerminalOptions) => chaosTable(results, colour, columns)],
    json: () => chaosJson(results),
  };
  await writeOutput(rendered, { folder, recordsFile: CHAOS_RECORDS_FILE }, output);
}
