import { percent } from "../../../harness/text/format.ts";
import { highest } from "../evidence.ts";
import { ofKind } from "../kind.ts";
import type { Target } from "../target.ts";

const MAX_FRACTION = 0.1;

export const target: Target = {
  order: 7,
  what: "empty rounds while one member sleeps",
  limit: `at most ${percent(MAX_FRACTION)}`,
  source: {
    kind: "scenarios",
    runs: ["api-disturbed"],
    measure(evidence) {
      const most = highest(
        ofKind(evidence.clustered("api-disturbed"), "pause").map(({ cluster }) => cluster.emptyFraction),
        "empty rounds",
      );
      return { figure: percent(most), isMet: most <= MAX_FRACTION };
    },
  },
  why: "Each of the other members meets the locked users once, and tries them once more. A batch of this size has 60 other rounds.",
};
