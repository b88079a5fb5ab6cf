import { strategy as honest } from "../../strategies/naive.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** Completes the warm-up, processes the first users and then hangs. */
export const strategy: Strategy = {
  ...honest,
  id: "never-returns",
  run(context) {
    const isWarmUp = context.partition.lastUserId <= 50;
    if (isWarmUp) return honest.run(context);
    return honest.run({
      ...context,
      finished(throughUserId, targets) {
        context.finished(throughUserId, targets);
        for (;;);
      },
    });
  },
};
