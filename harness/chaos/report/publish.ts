/** Writes the pages of the trials into their folder, and the table to the terminal. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { reasonOf } from "../../../lib/errors.ts";
import { writeFiles, writeOutput, type Output } from "../../reporters/parts/output.ts";
import type { RenderedFile, TerminalOptions } from "../../reporters/reporter.ts";
import { CHAOS_RECORDS_FILE, readChaos, type ChaosResults } from "../records.ts";
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

/** After an error that ended the trials: hours of finished ones get their pages. The error stays the one that the user sees. */
export async function publishRecorded(folder: string, output: Output): Promise<void> {
  // The records can be missing: the error can come before the first trial.
  const results = await readChaos(folder).catch(() => null);
  if (results === null || results.trials.length === 0) return;
  await publishChaos(results, folder, output).catch((error: unknown) => {
    output.log.warn(`bench could not publish the finished trials: ${reasonOf(error)}`);
  });
}
