/** Renders a scenario in the requested formats. */
import { extname } from "node:path";
import { BenchError } from "../../lib/errors.ts";
import { writeOutput, type Output } from "../reporters/parts/output.ts";
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

export async function publishScenario(
  results: ScenarioResults,
  folder: string,
  output: Output,
  formats: readonly string[] = SCENARIO_FORMATS,
): Promise<void> {
  const { scenarioFiles, scenarioJson, scenarioTable } = await import("./report/index.ts");
  const rendered = {
    recordsFile: API_RECORDS_FILE,
    files: (await scenarioFiles(results)).filter(({ name }) => formats.includes(extname(name).slice(1))),
    tables: formats.includes("table") ? [({ colour }: TerminalOptions) => scenarioTable(results, colour)] : [],
    json: () => scenarioJson(results),
  };
  await writeOutput(rendered, folder, output);
}
