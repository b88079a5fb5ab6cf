import { PrismaMariaDb } from "@prisma/adapter-mariadb";
import { mariadbTls } from "../../../lib/tls.ts";
import { PrismaClient } from "../../../orms/prisma/generated/client.ts";
import type { ConnectHandWritten } from "../lib/hand-written.ts";

export const connect: ConnectHandWritten = async (target, poolConnections) => {
  const { host, port, user, password, schema } = target;
  const adapter = new PrismaMariaDb(
    {
      host,
      port,
      user,
      password,
      database: schema,
      connectionLimit: poolConnections,
      allowPublicKeyRetrieval: true,
      ...mariadbTls(target),
    },
    { database: schema },
  );
  const prisma = new PrismaClient({ adapter });
  await prisma.$connect();
  return {
    async insertCoupons(rows) {
      await prisma.couponIssueIdentity.createMany({ data: rows });
    },
    async updateBadges(categoryId, userIds, active, changedAt) {
      await prisma.badge.updateMany({ where: { categoryId, userId: { in: userIds } }, data: { active, changedAt } });
    },
    async insertGradeLog(row) {
      await prisma.gradeLogIdentity.create({ data: row });
    },
    async updateUser(id, grade, gradeChangedAt) {
      await prisma.user.update({ where: { id }, data: { grade, gradeChangedAt } });
    },
    async orderTotals(firstUserId, lastUserId, window) {
      const rows = await prisma.order.groupBy({
        by: ["userId", "categoryId"],
        where: { userId: { gte: firstUserId, lte: lastUserId }, status: "paid", orderedAt: { gte: window.from, lt: window.to } },
        _count: true,
        _sum: { amount: true },
      });
      return rows.map((row) => ({
        userId: row.userId,
        categoryId: row.categoryId,
        orders: row._count,
        amountWon: row._sum.amount?.toNumber() ?? 0,
      }));
    },
    badges: (firstUserId, lastUserId) =>
      prisma.badge.findMany({
        where: { userId: { gte: firstUserId, lte: lastUserId } },
        select: { userId: true, categoryId: true, active: true },
      }),
    async [Symbol.asyncDispose]() {
      await prisma.$disconnect();
    },
  };
};
