import { and, between, count, eq, gte, inArray, lt, sum } from "drizzle-orm";
import { drizzle } from "drizzle-orm/mysql2";
import { createPool } from "mysql2/promise";
import { mysql2Tls } from "../../../lib/tls.ts";
import { tables } from "../../../orms/drizzle/tables.ts";
import type { ConnectHandWritten } from "../lib/hand-written.ts";

const { users, badges, orders, gradeLogs, couponIssues } = tables.identity;

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
  const db = drizzle(pool);
  return {
    async insertCoupons(rows) {
      await db.insert(couponIssues).values(rows);
    },
    async updateBadges(categoryId, userIds, active, changedAt) {
      await db
        .update(badges)
        .set({ active, changedAt })
        .where(and(eq(badges.categoryId, categoryId), inArray(badges.userId, userIds)));
    },
    async insertGradeLog(row) {
      await db.insert(gradeLogs).values(row);
    },
    async updateUser(id, grade, gradeChangedAt) {
      await db.update(users).set({ grade, gradeChangedAt }).where(eq(users.id, id));
    },
    async orderTotals(firstUserId, lastUserId, window) {
      const rows = await db
        .select({ userId: orders.userId, categoryId: orders.categoryId, orders: count(), amount: sum(orders.amount) })
        .from(orders)
        .where(
          and(
            between(orders.userId, firstUserId, lastUserId),
            gte(orders.orderedAt, window.from),
            lt(orders.orderedAt, window.to),
            eq(orders.status, "paid"),
          ),
        )
        .groupBy(orders.userId, orders.categoryId);
      return rows.map((row) => ({
        userId: row.userId,
        categoryId: row.categoryId,
        orders: row.orders,
        amountWon: Number(row.amount),
      }));
    },
    async badges(firstUserId, lastUserId) {
      return db
        .select({ userId: badges.userId, categoryId: badges.categoryId, active: badges.active })
        .from(badges)
        .where(between(badges.userId, firstUserId, lastUserId));
    },
    async [Symbol.asyncDispose]() {
      await pool.end();
    },
  };
};
