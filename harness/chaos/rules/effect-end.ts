import { effectsOf } from "../effects.ts";
import type { TrialRule } from "../rule.ts";

const ENDED = /^(finished|abandoned) /;

export const rule: TrialRule = {
  id: "effect-end",
  says: "a run that has finished or was abandoned keeps this status",
  violations: ({ effects }) =>
    effectsOf(effects, "status").flatMap(({ runId, item, happenedAt }) =>
      ENDED.test(item ?? "") ? [`run ${runId} changed at ${happenedAt}: ${item?.replace(" ", " to ")}`] : [],
    ),
};
