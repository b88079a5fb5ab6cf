import mysql2 from "mysql2";
import { And, Between, DataSource, In, LessThan, MoreThanOrEqual } from "typeorm";
import { mysql2Tls } from "../../../lib/tls.ts";
import { entitiesOf } from "../../../orms/typeorm/entities.ts";
import type { ConnectHandWritten } from "../lib/hand-written.ts";

const entities = entitiesOf("identity");
const { users, badges, orders, gradeLogs, couponIssues } = entities;

export const connect: ConnectHandWritten = async (target, poolConnections) => {
  const { host, port, user, password, schema } = target;
  const source = new DataSource({
    type: "mysql",
    driver: mysql2,
    host,
    port,
    username: user,
    password,
    database: schema,
    poolSize: poolConnections,
    timezone: "Z",
    entities: Object.values(entities),
    extra: mysql2Tls(target),
  });
  const { manager } = await source.initialize();
  return {
    async insertCoupons(rows) {
      await manager.createQueryBuilder().insert().into(couponIssues).values(rows).updateEntity(false).execute();
    },
    async updateBadges(categoryId, userIds, active, changedAt) {
      await manager.update(badges, { categoryId, userId: In(userIds) }, { active, changedAt });
    },
    async insertGradeLog(row) {
      await manager.save(gradeLogs, { ...row });
    },
    async updateUser(id, grade, gradeChangedAt) {
      const user = await manager.findOneByOrFail(users, { id });
      user.grade = grade;
      user.gradeChangedAt = gradeChangedAt;
      await manager.save(users, user);
    },
    async orderTotals(firstUserId, lastUserId, { from, to }) {
      const rows = await manager
        .createQueryBuilder(orders, "paid")
        .select("paid.userId", "userId")
        .addSelect("paid.categoryId", "categoryId")
        .addSelect("COUNT(*)", "orders")
        .addSelect("SUM(paid.amount)", "amount")
        .where({
          userId: Between(firstUserId, lastUserId),
          status: "paid",
          orderedAt: And(MoreThanOrEqual(from), LessThan(to)),
        })
        .groupBy("paid.userId")
        .addGroupBy("paid.categoryId")
        .getRawMany<{ userId: number; categoryId: number; orders: string; amount: string }>();
      return rows.map((row) => ({
        userId: row.userId,
        categoryId: row.categoryId,
        orders: Number(row.orders),
        amountWon: Number(row.amount),
      }));
    },
    badges: (firstUserId, lastUserId) =>
      manager.find(badges, {
        select: { userId: true, categoryId: true, active: true },
        where: { userId: Between(firstUserId, lastUserId) },
      }),
    async [Symbol.asyncDispose]() {
      await source.destroy();
    },
  };
};
