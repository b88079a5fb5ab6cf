import { effectsOf, repeated } from "../effects.ts";
import type { TrialRule } from "../rule.ts";

export const rule: TrialRule = {
  id: "effect-redeem-once",
  says: "each key redeems at most one coupon, and no coupon is redeemed twice",
  violations({ effects }) {
    const redeemed = effectsOf(effects, "redeemed").map(({ runId, userId, item }) => {
      const [token = "", ...coupon] = (item ?? "").split(" ");
      return { key: `key ${token}`, coupon: `coupon ${coupon.join(" ")} of user ${userId} from run ${runId}` };
    });
    return [
      ...repeated(redeemed.map(({ key }) => key)).map(([key, times]) => `${key} redeemed ${times} coupons`),
      ...repeated(redeemed.map(({ coupon }) => coupon)).map(([coupon, times]) => `${coupon} was redeemed ${times} times`),
    ];
  },
};
