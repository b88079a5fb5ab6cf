import { count, duration } from "../../../harness/text/format.ts";
import type { Evidence } from "../evidence.ts";
import { known } from "../evidence.ts";
import type { Finding } from "../finding.ts";

const unguarded = (evidence: Evidence) => evidence.variants("api-chunked").filter(({ variant }) => variant.guard === "none");
const errors = (evidence: Evidence) => unguarded(evidence).map(({ phases }) => known(phases?.during.errorRate, "errors"));
const requests = (evidence: Evidence) => unguarded(evidence).reduce((sum, { phases }) => sum + (phases?.during.sent ?? 0), 0);
const sizes = (evidence: Evidence) =>
  unguarded(evidence)
    .map(({ variant }) => count(variant.batch.chunkUsers))
    .join(", ");
const writes = (evidence: Evidence) =>
  unguarded(evidence).map(({ phases }) => known(phases?.during.latencies.applied?.p99Ms, "p99 of writes"));
const p99 = (evidence: Evidence) => Math.max(...writes(evidence));

export const finding: Finding = {
  topic: "requests beside the batch",
  order: 3,
  isHighlight: false,
  belief: "A batch beside live requests needs a guard.",
  runs: ["api-chunked", "api-long"],
  holds: (evidence) =>
    errors(evidence).length > 0 && errors(evidence).every((rate) => rate === 0) && writes(evidence).at(-1) === p99(evidence),
  text: (evidence) => ({
    sentence: `A batch in short transactions needed no guard: none of ${count(requests(evidence))} requests failed.`,
    numbers: [
      `The chunks had ${sizes(evidence)} users. The highest p99 of writes was ${duration(p99(evidence))}, beside the largest chunks.`,
    ],
  }),
};
