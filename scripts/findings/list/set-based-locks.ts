import { count, duration } from "../../../harness/text/format.ts";
import type { Evidence } from "../evidence.ts";
import { known } from "../evidence.ts";
import type { Finding } from "../finding.ts";

const beside = (evidence: Evidence, batch: string) => evidence.variant("api-techniques", { guard: "none", batch });
const SET = "set-based/mysql2";
const CHUNKED = "chunked/mysql2 500";
const rows = (evidence: Evidence, batch: string) => known(beside(evidence, batch).mostRowsLocked, "rows locked");
const p99 = (evidence: Evidence, batch: string) =>
  known(beside(evidence, batch).phases?.during.latencies.applied?.p99Ms, "p99 of writes");

export const finding: Finding = {
  topic: "requests beside the batch",
  order: 4,
  isHighlight: false,
  belief: "The fastest batch disturbs requests least.",
  runs: ["api-techniques"],
  holds: (evidence) => rows(evidence, SET) > 10 * rows(evidence, CHUNKED) && p99(evidence, SET) > 2 * p99(evidence, CHUNKED),
  text: (evidence) => ({
    sentence: `The fastest technique locks most: \`set-based\` locks ${count(rows(evidence, SET))} rows at once, and chunks of 500 users ${count(rows(evidence, CHUNKED))}.`,
    numbers: [
      `The p99 of writes beside it is ${duration(p99(evidence, SET))}, against ${duration(p99(evidence, CHUNKED))} beside \`chunked\`.`,
      "The run has a tenth of the data.",
    ],
  }),
};
