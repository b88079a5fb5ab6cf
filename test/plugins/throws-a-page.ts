import { strategy as honest } from "../../strategies/naive.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** Like a library whose error shows the statement and all parameters, and the reason only as the cause. */
export const strategy: Strategy = {
  ...honest,
  id: "throws-a-page",
  async run() {
    const statement = `insert into coupon_issues\n  values ${"(?, ?, ?),".repeat(5_000)}`;
    throw new Error(`Failed query:\n\n  ${statement}\n    at nowhere`, { cause: new Error("Duplicate entry '7' for key 'id'") });
  },
};
