import { decimal, times } from "../../../harness/text/format.ts";
import type { Target } from "../target.ts";

const MAX_RATIO = 1.05;

export const target: Target = {
  order: 2,
  what: "time of a round of 500 users, to that of a chunk of one process",
  limit: `at most ${times(MAX_RATIO)}`,
  source: { kind: "perf", id: "api-round", measure: (value) => ({ figure: `${decimal(value, 3)}x`, isMet: value <= MAX_RATIO }) },
  why: "The markers and the step cost more than the limit allows.",
};
