import { couponKey, differing, effectsOf } from "../effects.ts";
import type { TrialRule } from "../rule.ts";

export const rule: TrialRule = {
  id: "effect-coupon-all",
  says: "a run issues the coupons of the oracle, and no other coupon",
  violations: ({ effects, expected: { coupons } }) =>
    differing(
      new Set(effectsOf(effects, "coupon").map(couponKey)),
      new Set(coupons.map(({ userId, couponId, sequence }) => couponKey({ userId, item: `${couponId} ${sequence}` }))),
    ),
};
