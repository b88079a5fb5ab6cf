import { couponKey, effectsOf, repeated } from "../effects.ts";
import type { TrialRule } from "../rule.ts";

export const rule: TrialRule = {
  id: "effect-coupon-once",
  says: "no coupon is issued twice, whatever the run",
  violations: ({ effects }) =>
    repeated(effectsOf(effects, "coupon").map(couponKey)).map(([key, times]) => `${key} was issued ${times} times`),
};
