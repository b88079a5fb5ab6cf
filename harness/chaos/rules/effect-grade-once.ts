import { effectsOf, gradeKey, repeated } from "../effects.ts";
import type { TrialRule } from "../rule.ts";

export const rule: TrialRule = {
  id: "effect-grade-once",
  says: "each user is graded at most once per run",
  violations: ({ effects }) =>
    repeated(effectsOf(effects, "grade").map(gradeKey)).map(([key, times]) => `${key} was graded ${times} times`),
};
