/** `bench limits`. */
import { LIMITS_RECORDS_FILE, readLimits, type LimitsResults } from "../../../harness/limits/records.ts";
import { limitsMarkdown } from "../../../harness/limits/report.ts";
import { distinct } from "../command.ts";
import { once, type RecordsKind } from "./kind.ts";

export const publishedLimits = once(readLimits);

const limitsCommand = ({ searches }: LimitsResults): string =>
  `npx bench limits --orm ${distinct(searches.map(({ orm }) => orm)).join(",")}`;

export const records: RecordsKind = {
  file: LIMITS_RECORDS_FILE,
  page: "limits.md",
  async conditions(name) {
    const results = await publishedLimits(name);
    const { startedAt, environment } = results.limits;
    return { startedAt, environment, rounds: null, cells: results.searches.length, command: limitsCommand(results) };
  },
  files: async (name) => [{ name: "limits.md", content: limitsMarkdown(await publishedLimits(name)) }],
};
