import { strategy as honest } from "../../strategies/naive.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** Completes the warm-up, and hangs in the renewal of a single user. */
export const strategy: Strategy = {
  ...honest,
  id: "hangs-for-one-user",
  run(context) {
    const { firstUserId, lastUserId } = context.partition;
    return firstUserId === lastUserId ? new Promise(() => {}) : honest.run(context);
  },
};
