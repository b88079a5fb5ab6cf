import { Type } from "typebox";
import { ApiProblem } from "../problems.ts";
import { COUPON_ISSUES } from "../tables.ts";
import type { RegisterRoutes } from "./context.ts";
import { Id, problems, Time } from "./schemas.ts";

const Nullable = Type.Union([Time, Type.Null()]);

interface MembershipRow {
  readonly userId: number;
  readonly name: string;
  readonly grade: string;
  readonly gradeChangedAt: Date | null;
  readonly badges: readonly { categoryId: number; active: number; changedAt: string | null }[] | null;
  readonly coupons: readonly { couponId: number; available: number; redeemed: number }[] | null;
}

/**
 * One statement without locks: its values belong to one moment, and it never waits for the batch. It makes one index look-up
 * per run, as in `effects.ts`.
 */
const MEMBERSHIP = `
  SELECT users.id AS userId, name, grade, grade_changed_at AS gradeChangedAt,
    (SELECT JSON_ARRAYAGG(JSON_OBJECT('categoryId', category_id, 'active', active,
                                      'changedAt', DATE_FORMAT(changed_at, '%Y-%m-%dT%H:%i:%s.%fZ')))
     FROM badges WHERE user_id = users.id) AS badges,
    (SELECT JSON_ARRAYAGG(JSON_OBJECT('couponId', coupon_id, 'available', issued - redeemed, 'redeemed', redeemed)) FROM (
       SELECT issue.coupon_id, COUNT(*) AS issued, COUNT(redemption.run_id) AS redeemed
       FROM coupon_runs AS runs
       STRAIGHT_JOIN ${COUPON_ISSUES} AS issue ON issue.run_id = runs.run_id AND issue.user_id = ?
       LEFT JOIN coupon_redemptions AS redemption ON redemption.run_id = issue.run_id AND redemption.user_id = issue.user_id
         AND redemption.coupon_id = issue.coupon_id AND redemption.sequence = issue.sequence
       GROUP BY issue.coupon_id) AS counted) AS coupons
  FROM users WHERE users.id = ?`;

export const register: RegisterRoutes = (app, { database }) => {
  app.get(
    "/users/:userId/membership",
    {
      schema: {
        operationId: "getMembership",
        tags: ["membership"],
        summary: "Grade, badges and coupons of one moment; a batch never delays or refuses this request",
        params: Type.Object({ userId: Id("a user") }),
        response: {
          200: Type.Object({
            userId: Type.Integer(),
            name: Type.String(),
            grade: Type.String(),
            gradeChangedAt: Nullable,
            badges: Type.Array(Type.Object({ categoryId: Type.Integer(), active: Type.Boolean(), changedAt: Nullable })),
            coupons: Type.Array(Type.Object({ couponId: Type.Integer(), available: Type.Integer(), redeemed: Type.Integer() })),
          }),
          ...problems,
        },
      },
    },
    async (request) => {
      const { userId } = request.params;
      const [row] = await database.withSession((session) => session.rows<MembershipRow>(MEMBERSHIP, [userId, userId]));
      if (row === undefined) throw new ApiProblem("user-not-found", `user ${userId} does not exist`);
      const { badges, coupons, gradeChangedAt } = row;
      return {
        ...row,
        gradeChangedAt: gradeChangedAt?.toISOString() ?? null,
        // The aggregates have no defined order.
        badges: (badges ?? [])
          .map((badge) => ({
            ...badge,
            active: badge.active === 1,
            // the server writes six digits of a second, and every other time of the API has three
            changedAt: badge.changedAt === null ? null : new Date(badge.changedAt).toISOString(),
          }))
          .toSorted((a, b) => a.categoryId - b.categoryId),
        coupons: (coupons ?? []).toSorted((a, b) => a.couponId - b.couponId),
      };
    },
  );
};
