import { strategy as honest } from "../../strategies/naive.ts";
import type { Strategy } from "../../strategies/strategy.ts";

export const strategy: Strategy = {
  ...honest,
  id: "throws-half-way",
  run(context) {
    const half = Math.ceil((context.partition.firstUserId + context.partition.lastUserId) / 2);
    return honest.run({
      ...context,
      finished(throughUserId, targets) {
        context.finished(throughUserId, targets);
        if (throughUserId >= half) throw new Error("gave up half-way");
      },
    });
  },
};
