import { count, duration, percent } from "../../../harness/text/format.ts";
import type { Evidence } from "../evidence.ts";
import { known } from "../evidence.ts";
import type { Finding } from "../finding.ts";

const RUNS = ["api-killed", "api-disturbed"] as const;
const killed = (evidence: Evidence) =>
  RUNS.flatMap((name) => evidence.variants(name)).filter(({ variant }) => variant.batch.disturbance?.kind === "kill");
const worst = (evidence: Evidence, of: "firstCommitMs" | "lastCommitMs" | "lostPartitionUsers" | "firstCommitLimitMs") =>
  Math.max(...killed(evidence).map(({ cluster }) => known(cluster?.disturbance?.[of], of)));
const emptyRounds = (evidence: Evidence) =>
  Math.max(...killed(evidence).map(({ cluster }) => known(cluster?.emptyFraction, "empty rounds")));
const applied = (evidence: Evidence) =>
  Math.max(...killed(evidence).map(({ cluster }) => known(cluster?.appliedAfterRound?.maxMs, "time until writes applied")));
const conflicts = (evidence: Evidence) => killed(evidence).reduce((sum, variant) => sum + variant.conflicts, 0);

export const finding: Finding = {
  topic: "several instances",
  order: 2,
  isHighlight: false,
  belief: "Without Redis or a lock service, a dead instance loses or repeats its part of a batch.",
  runs: ["api-killed", "api-disturbed"],
  holds: (evidence) =>
    killed(evidence).length > 1 &&
    conflicts(evidence) === 0 &&
    worst(evidence, "firstCommitMs") <
      Math.min(...killed(evidence).map(({ cluster }) => known(cluster?.disturbance?.firstCommitLimitMs, "limit"))),
  text: (evidence) => ({
    sentence: `After kill -9 of an instance in the middle of a batch, the others wrote its users within ${duration(worst(evidence, "lastCommitMs"))}, and without a conflict.`,
    numbers: [
      `The lost partition had at most ${count(worst(evidence, "lostPartitionUsers"))} users, and the first of them was written within ${duration(worst(evidence, "firstCommitMs"))}.`,
      `At most ${percent(emptyRounds(evidence))} of all rounds were empty.`,
      `Accepted writes took effect at most ${duration(applied(evidence))} after the round of their user.`,
      `${killed(evidence).length} such batches ran.`,
    ],
  }),
};
