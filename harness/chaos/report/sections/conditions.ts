import { table } from "../../../reporters/page/block.ts";
import type { Section } from "../../../reporters/page/section.ts";
import { count, duration, serverName } from "../../../text/format.ts";
import type { ChaosResults } from "../../records.ts";

export const conditions: Section<ChaosResults> = {
  id: "conditions",
  title: ({ chaos }) => chaos.conditions,
  applies: () => true,
  render: ({ chaos }, { chaos: names, conditions, scenario }) =>
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
      ],
    ),
};
