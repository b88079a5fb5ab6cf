import type { CouponIssueRow } from "../../workload/tables.ts";
import { lying } from "./lying.ts";

/** The rows of a user without the coupons: two users with equal ones differ only in which coupons they have. */
const shapeOf = (issues: readonly CouponIssueRow[], of: number): string =>
  JSON.stringify(
    issues
      .filter(({ userId }) => userId === of)
      .map(({ grade, sequence }) => `${grade} ${sequence}`)
      .toSorted(),
  );

/** Swaps the coupons of two users: every count per user, coupon, grade and table is right. */
export const strategy = lying("swaps-coupons", (real) => ({
  insertMany(table, rows) {
    if (table !== "couponIssues") return real.insertMany(table, rows);
    const issues = rows as readonly CouponIssueRow[];
    const couponsOf = (of: number): string =>
      String(issues.flatMap(({ userId, couponId }) => (userId === of ? [couponId] : [])).toSorted((a, b) => a - b));
    const users = [...new Set(issues.map(({ userId }) => userId))];
    const [first, second] =
      users
        .flatMap((one) => users.map((other) => [one, other] as const))
        .find(([one, other]) => shapeOf(issues, one) === shapeOf(issues, other) && couponsOf(one) !== couponsOf(other)) ?? [];
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
