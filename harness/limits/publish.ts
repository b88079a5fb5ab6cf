/** Writes the pages of the searches into their folder, and the table to the terminal. */
import { writeOutput, type Output } from "../reporters/parts/output.ts";
import type { TerminalOptions } from "../reporters/reporter.ts";
import { LIMITS_RECORDS_FILE, type LimitsResults } from "./records.ts";
import { limitsCsv, limitsJson, limitsMarkdown, limitsTable } from "./report.ts";

/** @throws BenchError RESULTS_NOT_WRITTEN */
export async function publishLimits(results: LimitsResults, folder: string, output: Output): Promise<void> {
  const files = [
    { name: "limits.md", content: limitsMarkdown(results) },
    { name: "limits.csv", content: limitsCsv(results) },
  ];
  const rendered = {
    files,
    tables: [({ colour, columns }: TerminalOptions) => limitsTable(results, colour, columns)],
    json: () => limitsJson(results),
  };
  await writeOutput(rendered, { folder, recordsFile: LIMITS_RECORDS_FILE }, output);
}
