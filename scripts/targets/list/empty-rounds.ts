import { percent } from "../../../harness/text/format.ts";
import { highest } from "../evidence.ts";
import type { Target } from "../target.ts";

const MAX_FRACTION = 0.05;
const STOPPED = ["kill", "pause"];

export const target: Target = {
  order: 6,
  what: "empty rounds, also while the number of instances changes from 3 to 4 and from 4 to 3",
  limit: `at most ${percent(MAX_FRACTION)}`,
  source: {
    kind: "scenarios",
    runs: ["api-instances", "api-disturbed"],
    measure(evidence) {
      const found = evidence
        .clustered("api-instances", "api-disturbed")
        .filter(({ variant }) => !STOPPED.includes(variant.batch.disturbance?.kind ?? ""));
      const most = highest(
        found.map(({ cluster }) => cluster.emptyFraction),
        "empty rounds",
      );
      return { figure: percent(most), isMet: most <= MAX_FRACTION };
    },
  },
  why: "Two members took the same users more often than the limit allows.",
};
