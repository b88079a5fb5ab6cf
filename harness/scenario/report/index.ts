/** Renders a scenario from its records: api.md, api.csv and api.svg for its folder, and a table for the terminal. */
import type { RenderedFile } from "../../reporters/reporter.ts";
import type { ScenarioResults } from "../records.ts";
import { scenarioChart } from "./chart.ts";
import { scenarioCsv } from "./csv.ts";
import { scenarioMarkdown } from "./markdown.ts";

export { scenarioJson } from "./json.ts";
export { scenarioDigest, scenarioMarkdown } from "./markdown.ts";
export { scenarioTable } from "./terminal.ts";

export async function scenarioFiles(results: ScenarioResults): Promise<RenderedFile[]> {
  const svg = await scenarioChart(results);
  return [
    { name: "api.csv", content: scenarioCsv(results) },
    { name: "api.md", content: scenarioMarkdown(results) },
    ...(svg === null ? [] : [{ name: "api.svg", content: svg }]),
  ];
}
