/** `bench api run`. */
import { API_RECORDS_FILE, readScenario } from "../../../harness/scenario/records.ts";
import { scenarioMarkdown } from "../../../harness/scenario/report/index.ts";
import { scenarioCommand } from "../command.ts";
import { once, type RecordsKind } from "./kind.ts";

export const publishedScenario = once(readScenario);

export const records: RecordsKind = {
  file: API_RECORDS_FILE,
  page: "api.md",
  async conditions(name) {
    const results = await publishedScenario(name);
    const { startedAt, environment, rounds, variants } = results.scenario;
    return { startedAt, environment, rounds, cells: variants.length, command: scenarioCommand(results) };
  },
  files: async (name) => [{ name: "api.md", content: scenarioMarkdown(await publishedScenario(name)) }],
};
