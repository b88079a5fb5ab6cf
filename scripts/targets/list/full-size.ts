import { times } from "../../../harness/text/format.ts";
import { toFewest } from "../ratio.ts";
import type { Target } from "../target.ts";

const MAX_RATIO = 0.85;

export const target: Target = {
  order: 3,
  what: "batch time of 3 instances to that of 1, full size",
  limit: `at most ${times(MAX_RATIO)}`,
  source: { kind: "scenarios", runs: ["api-instances"], measure: (evidence) => toFewest(evidence, "api-instances", MAX_RATIO) },
  why: "Clients, nginx, instances and MySQL share the two cores, and one instance already uses most of them.",
};
