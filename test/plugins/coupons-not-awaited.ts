import { setImmediate as nextTurn } from "node:timers/promises";
import { strategy as honest } from "../../strategies/chunked.ts";
import type { Strategy } from "../../strategies/strategy.ts";
import type { CouponIssueRow } from "../../workload/tables.ts";
import { lyingSession } from "./lying.ts";

/** Collects all coupons, inserts them at the end without `await`, and lets the event loop turn once so that the statement is sent. */
export const strategy: Strategy = {
  ...honest,
  id: "coupons-not-awaited",
  async run(context) {
    const coupons: CouponIssueRow[] = [];
    const session = lyingSession(context.session, (real) => ({
      async insertMany(table, rows) {
        if (table === "couponIssues") coupons.push(...(rows as readonly CouponIssueRow[]));
        else await real.insertMany(table, rows);
      },
    }));
    await honest.run({ ...context, session });
    void context.session.insertMany("couponIssues", coupons).catch(() => {});
    await nextTurn();
  },
};
