import { strategy as honest } from "../../strategies/chunked.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** Does all users of the span, also where other workers have the other remainders. */
export const strategy: Strategy = {
  ...honest,
  id: "ignores-remainder",
  run: (context) => {
    const { firstUserId, lastUserId } = context.partition;
    return honest.run({ ...context, partition: { firstUserId, lastUserId } });
  },
};
