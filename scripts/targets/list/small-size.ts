import { times } from "../../../harness/text/format.ts";
import { toFewest } from "../ratio.ts";
import type { Target } from "../target.ts";

const MAX_RATIO = 1.15;

export const target: Target = {
  order: 4,
  what: "batch time of 3 instances to that of 1, a tenth of the size",
  limit: `at most ${times(MAX_RATIO)}`,
  source: { kind: "scenarios", runs: ["api-small"], measure: (evidence) => toFewest(evidence, "api-small", MAX_RATIO) },
  why: "A small batch has few rounds, and each member waits for polls.",
};
