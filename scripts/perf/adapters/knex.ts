import knex from "knex";
import { mysql2Tls } from "../../../lib/tls.ts";
import type { ConnectHandWritten } from "../lib/hand-written.ts";

interface TotalRow {
  userId: number;
  categoryId: number;
  orders: number;
  amount: string;
}

interface BadgeRow {
  userId: number;
  categoryId: number;
  active: number;
}

export const connect: ConnectHandWritten = async (target, poolConnections) => {
  const { host, port, user, password, schema } = target;
  const db = knex({
    client: "mysql2",
    connection: { host, port, user, password, database: schema, timezone: "Z", ...mysql2Tls(target) },
    pool: { min: 2, max: poolConnections },
  });
  return {
    async insertCoupons(rows) {
      await db("coupon_issues_identity").insert(
        rows.map((row) => ({
          run_id: row.runId,
          user_id: row.userId,
          coupon_id: row.couponId,
          sequence: row.sequence,
          grade: row.grade,
          issued_at: row.issuedAt,
        })),
      );
    },
    async updateBadges(categoryId, userIds, active, changedAt) {
      await db("badges").where("category_id", categoryId).whereIn("user_id", userIds).update({ active, changed_at: changedAt });
    },
    async insertGradeLog(row) {
      await db("grade_logs_identity").insert({
        run_id: row.runId,
        user_id: row.userId,
        previous_grade: row.previousGrade,
        new_grade: row.newGrade,
        changed_at: row.changedAt,
      });
    },
    async updateUser(id, grade, gradeChangedAt) {
      await db("users").where({ id }).update({ grade, grade_changed_at: gradeChangedAt });
    },
    async orderTotals(firstUserId, lastUserId, window) {
      const rows: TotalRow[] = await db("orders")
        .where("status", "paid")
        .where("ordered_at", ">=", window.from)
        .where("ordered_at", "<", window.to)
        .whereBetween("user_id", [firstUserId, lastUserId])
        .groupBy("user_id", "category_id")
        .select("user_id as userId", "category_id as categoryId")
        .count({ orders: "*" })
        .sum({ amount: "amount" });
      return rows.map((row) => ({
        userId: row.userId,
        categoryId: row.categoryId,
        orders: row.orders,
        amountWon: Number(row.amount),
      }));
    },
    async badges(firstUserId, lastUserId) {
      const rows: BadgeRow[] = await db("badges")
        .select("user_id as userId", "category_id as categoryId", "active")
        .whereBetween("user_id", [firstUserId, lastUserId]);
      return rows.map((row) => ({ userId: row.userId, categoryId: row.categoryId, active: row.active === 1 }));
    },
    async [Symbol.asyncDispose]() {
      await db.destroy();
    },
  };
};
