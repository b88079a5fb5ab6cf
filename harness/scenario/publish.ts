/** Renders a scenario in the requested formats. */
import { extname } from "node:path";
import { BenchError } from "../../lib/errors.ts";
import { writeOutput, type Output, type Place } from "../reporters/parts/output.ts";
import type { TerminalOptions } from "../reporters/reporter.ts";
import { API_RECORDS_FILE, type ScenarioResults } from "./records.ts";

const SCENARIO_FORMATS = ["table", "csv", "md", "svg"];

/**
 * @param formats names from --format
 * @throws BenchError BAD_OPTION for a format that a scenario does not have
 */
export function requireScenarioFormats(formats: readonly string[]): void {
  const other = formats.find((format) => !SCENARIO_FORMATS.includes(format));
  if (other === undefined) return;
  throw new BenchError(
    "BAD_OPTION",
    `--format ${other} is not available for a scenario of bench api run`,
    `use ${SCENARIO_FORMATS.join(", ")}, or --json for the summary as JSON`,
  );
}

/** Renders a scenario into its folder. */
export const publishScenario = (results: ScenarioResults, folder: string, output: Output): Promise<void> =>
  publishScenarioAt(results, { folder, recordsFile: API_RECORDS_FILE }, output, SCENARIO_FORMATS);

/** @param place null: writes no file */
export async function publishScenarioAt(
  results: ScenarioResults,
  place: Place | null,
  output: Output,
  formats: readonly string[],
): Promise<void> {
  const { scenarioFiles, scenarioJson, scenarioTable } = await import("./report/index.ts");
  const rendered = {
    files: (await scenarioFiles(results)).filter(({ name }) => formats.includes(extname(name).slice(1))),
    tables: formats.includes("table") ? [({ colour, columns }: TerminalOptions) => scenarioTable(results, colour, columns)] : [],
    json: () => scenarioJson(results),
  };
  await writeOutput(rendered, place, output);
}
