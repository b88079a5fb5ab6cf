import { couponIssuesOf, gradeLogsOf, writeInChunks, type PendingUser } from "../../strategies/steps.ts";
import type { NativeVariant, StrategyContext } from "../../strategies/strategy.ts";
import type { SequelizeSession } from "./session.ts";

/**
 * `bulkCreate` with `updateOnDuplicate` sends INSERT ... ON DUPLICATE KEY UPDATE:
 * https://sequelize.org/api/v6/class/src/model.js~model#static-method-bulkCreate
 */
export const nativeVariant: NativeVariant<SequelizeSession> = {
  api: "native",
  summary: "bulkCreate with updateOnDuplicate for badges and users, one per table and chunk; bulk inserts for new rows",

  run: (context) => writeInChunks(context, (tx, pending) => writeChunk(context, tx as SequelizeSession, pending)),
};

async function writeChunk({ changedAt, phase }: StrategyContext, tx: SequelizeSession, pending: readonly PendingUser[]) {
  const { models, within } = tx;
  await phase("badges", async () => {
    const changes = pending.flatMap(({ badgeChanges }) => badgeChanges);
    await models.badges.bulkCreate(
      changes.map(({ userId, categoryId, active }) => ({ userId, categoryId, active, changedAt })),
      { updateOnDuplicate: ["active", "changedAt"], ...within },
    );
  });
  await phase("grades", async () => {
    await models.users.bulkCreate(
      // The server requires the columns without a default, although it inserts no row.
      pending.map(({ userId, newGrade }) => ({
        id: userId,
        grade: newGrade,
        gradeChangedAt: changedAt,
        name: "",
        createdAt: changedAt,
      })),
      { updateOnDuplicate: ["grade", "gradeChangedAt"], ...within },
    );
    await tx.insertMany("gradeLogs", gradeLogsOf(pending));
  });
  await phase("coupons", () => tx.insertMany("couponIssues", couponIssuesOf(pending)));
}
