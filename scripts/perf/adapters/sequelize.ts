import { col, fn, Op, Sequelize } from "sequelize";
import { mysql2Tls } from "../../../lib/tls.ts";
import { defineModels } from "../../../orms/sequelize/models.ts";
import type { ConnectHandWritten } from "../lib/hand-written.ts";

export const connect: ConnectHandWritten = async (target, poolConnections) => {
  const { host, port, user, password, schema } = target;
  const sequelize = new Sequelize(schema, user, password, {
    dialect: "mysql",
    host,
    port,
    logging: false,
    pool: { max: poolConnections, min: poolConnections },
    dialectOptions: mysql2Tls(target),
    define: { timestamps: false, underscored: true },
  });
  const { users, badges, orders, gradeLogs, couponIssues } = defineModels(sequelize, "identity");
  return {
    async insertCoupons(rows) {
      await couponIssues.bulkCreate(rows.map((row) => ({ ...row })));
    },
    async updateBadges(categoryId, userIds, active, changedAt) {
      await badges.update({ active, changedAt }, { where: { categoryId, userId: userIds } });
    },
    async insertGradeLog(row) {
      await gradeLogs.create({ ...row });
    },
    async updateUser(id, grade, gradeChangedAt) {
      await users.update({ grade, gradeChangedAt }, { where: { id } });
    },
    async orderTotals(firstUserId, lastUserId, { from, to }) {
      const rows: unknown[] = await orders.findAll({
        attributes: ["userId", "categoryId", [fn("COUNT", col("*")), "orders"], [fn("SUM", col("amount")), "total"]],
        where: {
          userId: { [Op.between]: [firstUserId, lastUserId] },
          status: "paid",
          orderedAt: { [Op.gte]: from, [Op.lt]: to },
        },
        group: ["userId", "categoryId"],
        raw: true,
      });
      return (rows as { userId: number; categoryId: number; orders: number; total: string }[]).map((row) => ({
        userId: row.userId,
        categoryId: row.categoryId,
        orders: row.orders,
        amountWon: Number(row.total),
      }));
    },
    async badges(firstUserId, lastUserId) {
      const rows: unknown[] = await badges.findAll({
        attributes: ["userId", "categoryId", "active"],
        where: { userId: { [Op.between]: [firstUserId, lastUserId] } },
        raw: true,
      });
      return (rows as { userId: number; categoryId: number; active: number }[]).map((row) => ({
        userId: row.userId,
        categoryId: row.categoryId,
        active: row.active === 1,
      }));
    },
    async [Symbol.asyncDispose]() {
      await sequelize.close();
    },
  };
};
