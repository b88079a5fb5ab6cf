import { couponIssuesOf, gradeLogsOf, writeInChunks, type PendingUser } from "../../strategies/steps.ts";
import type { NativeVariant, StrategyContext } from "../../strategies/strategy.ts";
import type { TypeormSession } from "./session.ts";

/**
 * `upsert` and `orUpdate` send INSERT ... ON DUPLICATE KEY UPDATE:
 * https://typeorm.io/docs/query-builder/insert-query-builder#update-values-on-conflict
 */
export const nativeVariant: NativeVariant<TypeormSession> = {
  api: "native",
  summary: "upsert() for badges and insert().orUpdate() for users, one per table and chunk; bulk inserts for new rows",

  run: (context) => writeInChunks(context, (tx, pending) => writeChunk(context, tx as TypeormSession, pending)),
};

async function writeChunk({ changedAt, phase }: StrategyContext, tx: TypeormSession, pending: readonly PendingUser[]) {
  const { manager, entities } = tx;
  await phase("badges", async () => {
    const changes = pending.flatMap(({ badgeChanges }) => badgeChanges);
    await manager.upsert(
      entities.badges,
      changes.map(({ userId, categoryId, active }) => ({ userId, categoryId, active, changedAt })),
      ["userId", "categoryId"],
    );
  });
  await phase("grades", async () => {
    await manager
      .createQueryBuilder()
      .insert()
      .into(entities.users)
      // The server requires the columns without a default, although it inserts no row. `upsert` would overwrite them.
      .values(
        pending.map(({ userId, newGrade }) => ({
          id: userId,
          grade: newGrade,
          gradeChangedAt: changedAt,
          name: "",
          createdAt: changedAt,
        })),
      )
      .orUpdate(["grade", "grade_changed_at"], ["id"])
      .updateEntity(false)
      .execute();
    await tx.insertMany("gradeLogs", gradeLogsOf(pending));
  });
  await phase("coupons", () => tx.insertMany("couponIssues", couponIssuesOf(pending)));
}
