import { effectsOf } from "../effects.ts";
import type { TrialRule } from "../rule.ts";

export const rule: TrialRule = {
  id: "effect-cut-off",
  says: "no write that claims to come before a cut-off takes effect after it",
  violations({ effects }) {
    const cutOffs = effectsOf(effects, "cut-off");
    return effectsOf(effects, "write").flatMap(({ runId, userId, item, happenedAt }) =>
      cutOffs.some((cutOff) => (runId ?? 0) < (cutOff.runId ?? 0) && happenedAt > cutOff.happenedAt)
        ? [`write ${item} of user ${userId} took effect at ${happenedAt}, after a later cut-off`]
        : [],
    );
  },
};
