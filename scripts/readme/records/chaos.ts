/** `bench chaos`. */
import { CHAOS_RECORDS_FILE, readChaos, type ChaosResults } from "../../../harness/chaos/records.ts";
import { chaosMarkdown } from "../../../harness/chaos/report/tables.ts";
import { option } from "../command.ts";
import { conditionsOfLast, once, type RecordsKind } from "./kind.ts";

export const publishedChaos = once(readChaos);

function chaosCommand({ chaos: { seed, partitioning }, trials }: ChaosResults): string {
  const most = Math.max(...[...Map.groupBy(trials, ({ fault }) => fault).values()].map((own) => own.length));
  return [
    "npx bench chaos",
    ` --trials ${most}`,
    option("--partitioning", [partitioning], "modulo"),
    option("--seed", [seed], 1),
  ].join("");
}

export const records: RecordsKind = {
  file: CHAOS_RECORDS_FILE,
  page: "chaos.md",
  async conditions(name) {
    const results = await publishedChaos(name);
    const cells = new Set(results.trials.map(({ fault }) => fault)).size;
    return conditionsOfLast(name, results.starts, "bench chaos", { cells, command: chaosCommand(results) });
  },
  files: async (name) => [{ name: "chaos.md", content: chaosMarkdown(await publishedChaos(name)) }],
};
