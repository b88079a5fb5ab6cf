import { MikroORM, raw } from "@mikro-orm/mysql";
import { mysql2Tls } from "../../../lib/tls.ts";
import { entitiesOf } from "../../../orms/mikro-orm/entities.ts";
import type { ConnectHandWritten } from "../lib/hand-written.ts";

const { users, badges, orders, gradeLogs, couponIssues } = entitiesOf("identity");

export const connect: ConnectHandWritten = async (target, poolConnections) => {
  const { host, port, user, password, schema } = target;
  const orm = new MikroORM({
    entities: [users, badges, orders, gradeLogs, couponIssues],
    host,
    port,
    user,
    password,
    dbName: schema,
    pool: { max: poolConnections },
    timezone: "Z",
    ensureDatabase: false,
    driverOptions: mysql2Tls(target),
  });
  const em = orm.em.fork();
  return {
    async insertCoupons(rows) {
      await em.insertMany(couponIssues, rows);
    },
    async updateBadges(categoryId, userIds, active, changedAt) {
      await em.nativeUpdate(badges, { categoryId, userId: userIds }, { active, changedAt });
    },
    async insertGradeLog(row) {
      em.create(gradeLogs, row as Required<typeof row>);
      await em.flush();
      em.clear();
    },
    async updateUser(id, grade, gradeChangedAt) {
      const user = await em.findOneOrFail(users, { id });
      user.grade = grade;
      user.gradeChangedAt = gradeChangedAt;
      await em.flush();
      em.clear();
    },
    async orderTotals(firstUserId, lastUserId, window) {
      const rows = await em
        .createQueryBuilder(orders)
        .select(["userId", "categoryId", raw("count(*) as orders"), raw("sum(amount) as amount")])
        .where({
          userId: { $gte: firstUserId, $lte: lastUserId },
          status: "paid",
          orderedAt: { $gte: window.from, $lt: window.to },
        })
        .groupBy(["userId", "categoryId"])
        .execute<{ userId: number; categoryId: number; orders: number; amount: string }[]>();
      return rows.map(({ userId, categoryId, orders, amount }) => ({ userId, categoryId, orders, amountWon: Number(amount) }));
    },
    async badges(firstUserId, lastUserId) {
      const found = await em.find(badges, { userId: { $gte: firstUserId, $lte: lastUserId } }, { refresh: true });
      em.clear();
      return found;
    },
    async [Symbol.asyncDispose]() {
      await orm.close();
    },
  };
};
