/** Renders a scenario in the requested formats: files to its folder, the table to standard output. */
import { extname, relative } from "node:path";
import { BenchError } from "../../lib/errors.ts";
import { hasColour } from "../../lib/log.ts";
import { writeFiles, type Output } from "../reporters/parts/publish.ts";
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
  { print, log, json }: Output,
  formats: readonly string[] = SCENARIO_FORMATS,
): Promise<void> {
  const { scenarioFiles, scenarioJson, scenarioTable } = await import("./report/index.ts");
  const files = (await scenarioFiles(results)).filter(({ name }) => formats.includes(extname(name).slice(1)));
  await writeFiles(folder, files);
  const printText = json ? (text: string): void => log.info(text) : print;
  if (formats.includes("table")) printText(scenarioTable(results, hasColour(json ? process.stderr : process.stdout)));
  printText(
    `\nResults: ${relative(".", folder) || "."}/\n         ${[API_RECORDS_FILE, ...files.map(({ name }) => name)].join(", ")}`,
  );
  if (json) print(scenarioJson(results));
}
