import type { CouponIssueRow } from "../../workload/tables.ts";
import { lying } from "./lying.ts";

/** Swaps the coupons of two users: every count per coupon, grade and table is right. */
export const strategy = lying("swaps-coupons", (real) => ({
  insertMany(table, rows) {
    if (table !== "couponIssues") return real.insertMany(table, rows);
    const issues = rows as readonly CouponIssueRow[];
    const first = issues[0]?.userId;
    const second = issues.find(
      ({ userId, couponId, grade }) => userId !== first && grade === issues[0]?.grade && couponId !== issues[0]?.couponId,
    )?.userId;
    // the few users of the warm-up may contain no such pair
    if (first === undefined || second === undefined) return real.insertMany(table, rows);
    const swapped = new Map([
      [first, second],
      [second, first],
    ]);
    return real.insertMany(
      "couponIssues",
      issues.map((row) => ({ ...row, userId: swapped.get(row.userId) ?? row.userId })),
    );
  },
}));
