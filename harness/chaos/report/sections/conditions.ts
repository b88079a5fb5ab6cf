import { table } from "../../../reporters/page/block.ts";
import type { Section } from "../../../reporters/page/section.ts";
import { count, duration, serverName } from "../../../text/format.ts";
import type { Words } from "../../../reporters/page/words/index.ts";
import type { ChaosResults } from "../../records.ts";

const COMMIT_DIGITS = 10;

/** Several commands can have run the trials of a folder. */
function startRows(starts: ChaosResults["starts"], names: Words["chaos"], conditions: Words["conditions"]): [string, string][] {
  const distinct = (values: readonly (string | null)[]): string => [...new Set(values.map((value) => value ?? "?"))].join(", ");
  if (starts.length === 0) return [];
  return [
    [conditions.cpu, distinct(starts.map(({ machine }) => machine.cpu))],
    [conditions.cores, distinct(starts.map(({ machine }) => String(machine.cores)))],
    [names.clusters, distinct(starts.map(({ clusters }) => String(clusters)))],
    [conditions.commit, distinct(starts.map(({ gitCommit }) => gitCommit?.slice(0, COMMIT_DIGITS) ?? null))],
  ];
}

export const conditions: Section<ChaosResults> = {
  id: "conditions",
  title: ({ chaos }) => chaos.conditions,
  applies: () => true,
  render: ({ chaos, starts }, { chaos: names, conditions, scenario }) =>
    table(
      names.conditions,
      [conditions.name, conditions.value],
      [
        [names.members, String(chaos.members)],
        [names.partitioning, chaos.partitioning],
        [names.lease, duration(chaos.leaseMs)],
        [names.users, count(chaos.users)],
        [scenario.rate, String(chaos.ratePerSecond)],
        [names.seed, String(chaos.seed)],
        [names.server, serverName(chaos.serverVersion)],
        [conditions.started, chaos.startedAt],
        ...startRows(starts, names, conditions),
      ],
    ),
};
