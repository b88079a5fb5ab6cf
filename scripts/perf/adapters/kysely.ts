import { Kysely, MysqlDialect } from "kysely";
import { createPool } from "mysql2";
import { mysql2Tls } from "../../../lib/tls.ts";
import type { Database } from "../../../orms/kysely/tables.ts";
import type { ConnectHandWritten } from "../lib/hand-written.ts";

export const connect: ConnectHandWritten = async (target, poolConnections) => {
  const { host, port, user, password, schema } = target;
  const pool = createPool({
    host,
    port,
    user,
    password,
    database: schema,
    connectionLimit: poolConnections,
    timezone: "Z",
    ...mysql2Tls(target),
  });
  const db = new Kysely<Database>({ dialect: new MysqlDialect({ pool }) });
  return {
    async insertCoupons(rows) {
      await db
        .insertInto("coupon_issues_identity")
        .values(
          rows.map((row) => ({
            run_id: row.runId,
            user_id: row.userId,
            coupon_id: row.couponId,
            sequence: row.sequence,
            grade: row.grade,
            issued_at: row.issuedAt,
          })),
        )
        .execute();
    },
    async updateBadges(categoryId, userIds, active, changedAt) {
      await db
        .updateTable("badges")
        .set({ active, changed_at: changedAt })
        .where("category_id", "=", categoryId)
        .where("user_id", "in", userIds)
        .execute();
    },
    async insertGradeLog(row) {
      await db
        .insertInto("grade_logs_identity")
        .values({
          run_id: row.runId,
          user_id: row.userId,
          previous_grade: row.previousGrade,
          new_grade: row.newGrade,
          changed_at: row.changedAt,
        })
        .execute();
    },
    async updateUser(id, grade, gradeChangedAt) {
      await db.updateTable("users").set({ grade, grade_changed_at: gradeChangedAt }).where("id", "=", id).execute();
    },
    async orderTotals(firstUserId, lastUserId, window) {
      const rows = await db
        .selectFrom("orders")
        .where("status", "=", "paid")
        .where("ordered_at", ">=", window.from)
        .where("ordered_at", "<", window.to)
        .where((eb) => eb.between("user_id", firstUserId, lastUserId))
        .groupBy(["user_id", "category_id"])
        .select(({ fn }) => [
          "user_id as userId",
          "category_id as categoryId",
          fn.countAll<number>().as("orders"),
          fn.sum("amount").as("amount"),
        ])
        .execute();
      return rows.map((row) => ({
        userId: row.userId,
        categoryId: row.categoryId,
        orders: row.orders,
        amountWon: Number(row.amount),
      }));
    },
    async badges(firstUserId, lastUserId) {
      const rows = await db
        .selectFrom("badges")
        .select(["user_id as userId", "category_id as categoryId", "active"])
        .where((eb) => eb.between("user_id", firstUserId, lastUserId))
        .execute();
      return rows.map((row) => ({ userId: row.userId, categoryId: row.categoryId, active: row.active === 1 }));
    },
    async [Symbol.asyncDispose]() {
      await db.destroy();
    },
  };
};
