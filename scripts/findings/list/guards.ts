import { duration, percent } from "../../../harness/text/format.ts";
import type { Evidence } from "../evidence.ts";
import { known } from "../evidence.ts";
import type { Finding } from "../finding.ts";

const during = (evidence: Evidence, guard: string) =>
  known(evidence.variant("api-long", { guard, batch: "long" }).phases?.during, "requests during the batch");
const errors = (evidence: Evidence, guard: string) => known(during(evidence, guard).errorRate, "errors");
const p99 = (evidence: Evidence, guard: string) => known(during(evidence, guard).latencies.applied?.p99Ms, "p99 of writes");

export const finding: Finding = {
  topic: "requests beside the batch",
  order: 1,
  isHighlight: true,
  belief: "A shorter lock timeout protects the service.",
  runs: ["api-long"],
  holds: (evidence) =>
    errors(evidence, "none") > 0.2 &&
    errors(evidence, "lock-timeout") > 0.05 &&
    ["memory-flag", "db-flag"].every((guard) => errors(evidence, guard) === 0),
  text: (evidence) => ({
    sentence: `Beside one long transaction, ${percent(errors(evidence, "none"))} of the requests failed without a guard, and none with a flag in memory.`,
    numbers: [
      `The p99 of writes at once fell from ${duration(p99(evidence, "none"))} to ${duration(p99(evidence, "memory-flag"))}.`,
      `Half of the deferred writes took effect within ${duration(known(during(evidence, "memory-flag").untilApplied?.p50Ms, "time until applied"))}, because the batch held their users.`,
      "A flag in the database works as well.",
      `With a shorter lock timeout, ${percent(errors(evidence, "lock-timeout"))} of the requests still failed: a request that waits for a lock occupies a connection.`,
    ],
  }),
};
