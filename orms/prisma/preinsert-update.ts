import { commitChunks, couponIssuesOf, gradeLogsOf, type PendingUser } from "../../strategies/steps.ts";
import type { NativeVariant, StrategyContext } from "../../strategies/strategy.ts";
import type { Batches } from "./batches.ts";
import type { PrismaSession } from "./session.ts";

const EMPTY = "" as never;
const EMPTY_TIME = new Date(0);

/**
 * No query of a chunk depends on the result of another, so Prisma receives all of them at once and creates the transaction:
 * https://www.prisma.io/docs/orm/prisma-client/queries/transactions
 */
export const nativeVariant: NativeVariant<PrismaSession> = {
  api: "native",
  summary: "rows inserted empty by createMany and filled in by an update each, all in one $transaction([...]) per chunk",

  async run(context) {
    const { batchesOf } = await import("./batches.ts");
    const batches = batchesOf(context.session);
    await commitChunks(context, (pending) => commitChunk(context, batches, pending));
  },
};

/** Phases: one call sends everything. Its time counts as the phase with most of the rows. */
function commitChunk({ changedAt, phase }: StrategyContext, batches: Batches, pending: readonly PendingUser[]): Promise<void> {
  const { users, badges, gradeLogs, couponIssues } = batches.models;
  const logs = gradeLogsOf(pending);
  const issues = couponIssuesOf(pending);
  return phase("coupons", () =>
    batches.commit([
      ...pending
        .flatMap(({ badgeChanges }) => badgeChanges)
        .map(({ userId, categoryId, active }) =>
          badges.update({ where: { userId_categoryId: { userId, categoryId } }, data: { active, changedAt } }),
        ),
      gradeLogs.createMany({
        data: logs.map((log) => ({ ...log, previousGrade: EMPTY, newGrade: EMPTY, changedAt: EMPTY_TIME })),
      }),
      ...logs.map(({ runId, userId, previousGrade, newGrade }) =>
        gradeLogs.update({ where: { runId_userId: { runId, userId } }, data: { previousGrade, newGrade, changedAt } }),
      ),
      ...pending.map(({ userId, newGrade }) =>
        users.update({ where: { id: userId }, data: { grade: newGrade, gradeChangedAt: changedAt } }),
      ),
      couponIssues.createMany({ data: issues.map((issue) => ({ ...issue, grade: EMPTY, issuedAt: EMPTY_TIME })) }),
      ...issues.map(({ runId, userId, couponId, sequence, grade, issuedAt }) =>
        couponIssues.update({
          where: { runId_userId_couponId_sequence: { runId, userId, couponId, sequence } },
          data: { grade, issuedAt },
        }),
      ),
    ]),
  );
}
