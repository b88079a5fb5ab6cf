/** Renders a scenario from its records: api.md, api.csv and charts for its folder, and a table for the terminal. */
import type { RenderedFile } from "../../reporters/reporter.ts";
import type { ScenarioResults } from "../records.ts";
import { scenarioChart } from "./chart.ts";
import { scenarioCsv } from "./csv.ts";
import { membersChart } from "./members-chart.ts";
import { scenarioMarkdown } from "./markdown.ts";

export { scenarioJson } from "./json.ts";
export { harmDigest, instancesDigest, scenarioDigest, scenarioMarkdown } from "./markdown.ts";
export { scenarioTable } from "./terminal.ts";

export async function scenarioFiles(results: ScenarioResults): Promise<RenderedFile[]> {
  const [requests, members] = [await scenarioChart(results), await membersChart(results)];
  return [
    { name: "api.csv", content: scenarioCsv(results) },
    { name: "api.md", content: scenarioMarkdown(results) },
    ...(requests === null ? [] : [{ name: "api.svg", content: requests }]),
    ...(members === null ? [] : [{ name: "api-members.svg", content: members }]),
  ];
}
