import { strategy as honest } from "../../strategies/naive.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** The forgotten await: the work goes on after the promise has resolved. */
export const strategy: Strategy = {
  ...honest,
  id: "returns-early",
  async run(context) {
    void honest.run(context).catch(() => {});
  },
};
