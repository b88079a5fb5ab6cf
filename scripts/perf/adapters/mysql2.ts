import { createPool, type RowDataPacket } from "mysql2/promise";
import { mysql2Tls } from "../../../lib/tls.ts";
import type { ConnectHandWritten } from "../lib/hand-written.ts";

type Row<Columns> = RowDataPacket & Columns;

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
  return {
    async insertCoupons(rows) {
      await pool.query("INSERT INTO coupon_issues_identity (run_id, user_id, coupon_id, sequence, grade, issued_at) VALUES ?", [
        rows.map((row) => [row.runId, row.userId, row.couponId, row.sequence, row.grade, row.issuedAt]),
      ]);
    },
    async updateBadges(categoryId, userIds, active, changedAt) {
      await pool.query("UPDATE badges SET active = ?, changed_at = ? WHERE category_id IN (?) AND user_id IN (?)", [
        active,
        changedAt,
        categoryId,
        userIds,
      ]);
    },
    async insertGradeLog(row) {
      await pool.execute(
        "INSERT INTO grade_logs_identity (run_id, user_id, previous_grade, new_grade, changed_at) VALUES (?, ?, ?, ?, ?)",
        [row.runId, row.userId, row.previousGrade, row.newGrade, row.changedAt],
      );
    },
    async updateUser(id, grade, gradeChangedAt) {
      await pool.execute("UPDATE users SET grade = ?, grade_changed_at = ? WHERE id = ?", [grade, gradeChangedAt, id]);
    },
    async orderTotals(firstUserId, lastUserId, window) {
      const [rows] = await pool.execute<Row<{ user_id: number; category_id: number; orders: number; amount: string }>[]>(
        `SELECT user_id, category_id, COUNT(*) AS orders, SUM(amount) AS amount FROM orders
         WHERE user_id BETWEEN ? AND ? AND ordered_at >= ? AND ordered_at < ? AND status = 'paid'
         GROUP BY user_id, category_id`,
        [firstUserId, lastUserId, window.from, window.to],
      );
      return rows.map((row) => ({
        userId: row.user_id,
        categoryId: row.category_id,
        orders: row.orders,
        amountWon: Number(row.amount),
      }));
    },
    async badges(firstUserId, lastUserId) {
      const [rows] = await pool.execute<Row<{ user_id: number; category_id: number; active: number }>[]>(
        "SELECT user_id, category_id, active FROM badges WHERE user_id BETWEEN ? AND ?",
        [firstUserId, lastUserId],
      );
      return rows.map((row) => ({ userId: row.user_id, categoryId: row.category_id, active: row.active === 1 }));
    },
    async [Symbol.asyncDispose]() {
      await pool.end();
    },
  };
};
