/** `npm run chaos:power`. */
import { EXPECTED, EXPECTED_MUTANTS } from "../../../harness/chaos/power/expected.ts";
import { POWER_RECORDS_FILE, readPower, type PowerResults } from "../../../harness/chaos/power/records.ts";
import { powerMarkdown } from "../../../harness/chaos/power/report.ts";
import { option } from "../command.ts";
import type { RunName } from "../runs.ts";
import { conditionsOfLast, once, type RecordsKind } from "./kind.ts";

const readTrials = once(readPower);

/** @throws Error if the folder has no trials */
export async function publishedPower(name: RunName): Promise<PowerResults> {
  const found = await readTrials(name);
  if (found === null) throw new Error(`cannot read the run ${name}: its folder has no trials. Run npm run chaos:power again.`);
  return found;
}

function powerCommand({ trials }: PowerResults): string {
  const isExpectedOnly = trials.every(({ mutant, fault }) =>
    EXPECTED.some((each) => each.mutant === mutant && each.fault === fault),
  );
  const options = [
    isExpectedOnly ? " --expected" : "",
    option("--trials", [Math.max(1, ...trials.map(({ trial }) => trial))], 1),
  ].join("");
  return `npm run chaos:power${options === "" ? "" : ` --${options}`}`;
}

export const records: RecordsKind = {
  file: POWER_RECORDS_FILE,
  page: "power.md",
  async conditions(name) {
    const results = await publishedPower(name);
    const cells = new Set(results.trials.map(({ mutant, fault }) => `${mutant} ${fault}`)).size;
    return conditionsOfLast(name, results.starts, "npm run chaos:power", { cells, command: powerCommand(results) });
  },
  async files(name) {
    const { trials, starts } = await publishedPower(name);
    return [{ name: "power.md", content: powerMarkdown(trials, EXPECTED_MUTANTS, starts) }];
  },
};
