import { strategy as honest } from "../../strategies/naive.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** A missing await: the work continues after the promise resolved. */
export const strategy: Strategy = {
  ...honest,
  id: "returns-early",
  async run(context) {
    void honest.run(context).catch(() => {});
  },
};
