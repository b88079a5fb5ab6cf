import { duration } from "../../../harness/text/format.ts";
import { highest } from "../evidence.ts";
import { ofKind } from "../kind.ts";
import type { Target } from "../target.ts";

export const target: Target = {
  order: 10,
  what: "from SIGSTOP to the last commit of the lost partition",
  limit: "lease + poll + 2 x (round + pause)",
  source: {
    kind: "scenarios",
    runs: ["api-disturbed"],
    measure(evidence) {
      const found = ofKind(evidence.clustered("api-disturbed"), "pause").map(({ cluster }) => cluster.disturbance);
      const last = highest(
        found.map((disturbance) => disturbance?.lastCommitMs),
        "last commit after a pause",
      );
      const limit = Math.min(...found.map((disturbance) => disturbance?.firstCommitLimitMs ?? 0));
      return { figure: `${duration(last)} of ${duration(limit)}`, isMet: last <= limit };
    },
  },
  why: "The other members had work of their partitions left for longer than the lease.",
};
