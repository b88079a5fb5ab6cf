/**
 * The rules of the job as pure functions: they compute what to write from one user's order totals, badges and grade.
 * Every client-side technique uses them. The oracle (oracle.sql) does not use them, so that it finds a mistake in this file.
 */
import type { BadgeState, CouponDecision, Grade, OrderTotal, UserDecision, UserState } from "./tables.ts";

/** A badge is active from this number of paid orders in a category ... */
const BADGE_MIN_ORDERS = 5;
/** ... with this total amount in won. Both conditions must hold. */
const BADGE_MIN_AMOUNT_WON = 400_000;

const COUPONS_PER_BADGE: Readonly<Record<Grade, number>> = { VIP: 3, GOLD: 2, SILVER: 1 };

export function gradeOf(activeBadges: number): Grade {
  if (activeBadges >= 3) return "VIP";
  return activeBadges === 2 ? "GOLD" : "SILVER";
}

/** Sums a user's single orders per category, for clients that read them one by one. */
export function totalsOf(userId: number, orders: readonly { categoryId: number; amountWon: number }[]): OrderTotal[] {
  const totals = new Map<number, { orders: number; amountWon: number }>();
  for (const { categoryId, amountWon } of orders) {
    const total = totals.get(categoryId);
    if (total === undefined) totals.set(categoryId, { orders: 1, amountWon });
    else {
      total.orders += 1;
      total.amountWon += amountWon;
    }
  }
  return [...totals].map(([categoryId, total]) => ({ userId, categoryId, ...total }));
}

/**
 * Decides what the job must write for one target user.
 * @param totals the user's paid orders in the window per category, at least one
 * @param badges all of the user's badge rows
 * @param couponByCategory coupon id of each category
 */
export function decide(
  user: UserState,
  totals: readonly OrderTotal[],
  badges: readonly BadgeState[],
  couponByCategory: ReadonlyMap<number, number>,
): UserDecision {
  const earned = new Set<number>();
  for (const total of totals) {
    if (total.orders >= BADGE_MIN_ORDERS && total.amountWon >= BADGE_MIN_AMOUNT_WON) earned.add(total.categoryId);
  }
  const newGrade = gradeOf(earned.size);
  const coupons: CouponDecision[] = [];
  for (const categoryId of [...earned].toSorted((a, b) => a - b)) {
    const couponId = couponByCategory.get(categoryId);
    if (couponId === undefined) throw new Error(`category ${categoryId} has no coupon`);
    for (let sequence = 1; sequence <= COUPONS_PER_BADGE[newGrade]; sequence += 1) coupons.push({ couponId, sequence });
  }
  return {
    userId: user.id,
    previousGrade: user.grade,
    newGrade,
    badgeChanges: badges
      .filter((badge) => badge.active !== earned.has(badge.categoryId))
      .map(({ userId, categoryId, active }) => ({ userId, categoryId, active: !active })),
    coupons,
  };
}
