import { effectsOf, repeated } from "../effects.ts";
import type { TrialRule } from "../rule.ts";

export const rule: TrialRule = {
  id: "effect-write-once",
  says: "each key of a write takes effect at most once, and a stored write leaves the inbox at most once",
  violations: ({ effects }) =>
    repeated(effectsOf(effects, "write", "drained").map(({ source, item }) => `${source} ${item}`)).map(
      ([key, times]) => `${key} happened ${times} times`,
    ),
};
