import { differing, effectsOf, gradeKey } from "../effects.ts";
import type { TrialRule } from "../rule.ts";

export const rule: TrialRule = {
  id: "effect-grade-all",
  says: "a run grades the users that the oracle finds in the loaded rows, and no other user",
  violations: ({ effects, expected: { runId, users } }) =>
    differing(new Set(effectsOf(effects, "grade").map(gradeKey)), new Set(users.map((userId) => gradeKey({ runId, userId })))),
};
