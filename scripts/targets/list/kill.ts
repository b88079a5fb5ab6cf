import { duration } from "../../../harness/text/format.ts";
import { highest } from "../evidence.ts";
import { ofKind } from "../kind.ts";
import type { Target } from "../target.ts";

const RUNS = ["api-killed", "api-disturbed"] as const;

export const target: Target = {
  order: 8,
  what: "from kill -9 to the first commit of the lost partition",
  limit: "lease + poll + 2 x (round + pause)",
  source: {
    kind: "scenarios",
    runs: RUNS,
    measure(evidence) {
      const found = ofKind(evidence.clustered(...RUNS), "kill").map(({ cluster }) => cluster.disturbance);
      const first = highest(
        found.map((disturbance) => disturbance?.firstCommitMs),
        "first commit after a kill",
      );
      const limit = Math.min(...found.map((disturbance) => disturbance?.firstCommitLimitMs ?? 0));
      return { figure: `${duration(first)} of ${duration(limit)}`, isMet: first <= limit };
    },
  },
  why: "The other members had work of their partitions left for longer than the lease.",
};
