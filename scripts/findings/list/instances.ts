import { count, duration } from "../../../harness/text/format.ts";
import type { Evidence } from "../evidence.ts";
import { known } from "../evidence.ts";
import type { Finding } from "../finding.ts";

const on = (evidence: Evidence, instances: number) =>
  evidence.variant("api-instances", {
    guard: "memory-flag",
    batch: `chunked 500 on ${instances} instance${instances === 1 ? "" : "s"}`,
  });
const time = (evidence: Evidence, instances: number) => known(on(evidence, instances).batchMs, "time of the batch");
const fewest = (evidence: Evidence) => known(on(evidence, 3).cluster?.fewestUsers, "users of a member");
const most = (evidence: Evidence) => known(on(evidence, 3).cluster?.mostUsers, "users of a member");
const conflicts = (evidence: Evidence) => evidence.variants("api-instances").reduce((sum, variant) => sum + variant.conflicts, 0);

export const finding: Finding = {
  topic: "several instances",
  order: 1,
  isHighlight: true,
  belief: "Three servers finish the batch in a third of the time.",
  runs: ["api-instances"],
  holds: (evidence) => conflicts(evidence) === 0 && time(evidence, 3) > 0.5 * time(evidence, 1),
  text: (evidence) => ({
    sentence: `Instances that share a batch by MySQL only had no conflict: on ${evidence.coresOf("api-instances")} cores, three took ${duration(time(evidence, 3))}, and one ${duration(time(evidence, 1))}.`,
    numbers: [
      "Clients, nginx, instances and MySQL share the cores of the machine.",
      `Each of the three wrote ${count(fewest(evidence))} to ${count(most(evidence))} of the users.`,
    ],
  }),
};
