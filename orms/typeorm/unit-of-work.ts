import type { EntitySchema, ObjectLiteral } from "typeorm";
import { couponIssuesOf, gradeLogsOf, writeInChunks, type PendingUser } from "../../strategies/steps.ts";
import type { NativeVariant, StrategyContext } from "../../strategies/strategy.ts";
import type { TypeormSession } from "./session.ts";

/**
 * Entities of one save. TypeORM compares each loaded row with each entity of a save, so its work grows with the square: 1,000
 * badges took 0.5 s of CPU time in one save, and 0.2 s in saves of 100.
 */
const SAVED_TOGETHER = 100;

/**
 * Entities, changed in memory, then `save(entities, { chunk })`: https://typeorm.io/docs/working-with-entity-manager/repository-api
 * A save reads the rows again and sends one UPDATE per changed row. It inserts rows with generated keys one by one, and rows
 * with the client's keys in bulk.
 */
export const nativeVariant: NativeVariant<TypeormSession> = {
  api: "native",
  summary: "entities loaded with a lock, changed and created in memory, then save(entities, { chunk }) per table",

  run: (context) => writeInChunks(context, (tx, pending) => writeChunk(context, tx as TypeormSession, pending)),
};

async function writeChunk({ changedAt, phase }: StrategyContext, tx: TypeormSession, pending: readonly PendingUser[]) {
  const { entities } = tx;
  await phase("badges", async () => {
    const changes = pending.flatMap(({ badgeChanges }) => badgeChanges);
    const activeBy = new Map(changes.map(({ userId, categoryId, active }) => [`${userId}/${categoryId}`, active]));
    const badges = await locked(
      tx,
      entities.badges,
      changes.map(({ userId, categoryId }) => ({ userId, categoryId })),
    );
    for (const badge of badges) {
      badge.active = activeBy.get(`${badge.userId}/${badge.categoryId}`) ?? badge.active;
      badge.changedAt = changedAt;
    }
    await save(tx, entities.badges, badges);
  });
  await phase("grades", async () => {
    const grades = new Map(pending.map(({ userId, newGrade }) => [userId, newGrade]));
    const users = await locked(
      tx,
      entities.users,
      [...grades.keys()].map((id) => ({ id })),
    );
    for (const user of users) {
      user.grade = grades.get(user.id) ?? user.grade;
      user.gradeChangedAt = changedAt;
    }
    await save(tx, entities.users, users);
    await save(tx, entities.gradeLogs, gradeLogsOf(pending));
  });
  await phase("coupons", () => save(tx, entities.couponIssues, couponIssuesOf(pending)));
}

/**
 * Locks the rows that a save will update. TypeORM sends all UPDATEs of a save at once. After a deadlock in one of them, the
 * server would run the others outside of the rolled-back transaction.
 */
async function locked<Entity extends ObjectLiteral>({ manager }: TypeormSession, entity: EntitySchema<Entity>, ids: object[]) {
  if (ids.length === 0) return [];
  return manager.createQueryBuilder(entity, "loaded").setLock("pessimistic_write").whereInIds(ids).getMany();
}

async function save<Entity extends ObjectLiteral>(
  { manager }: TypeormSession,
  entity: EntitySchema<Entity>,
  rows: readonly Entity[],
): Promise<void> {
  // Copies, because TypeORM writes generated keys into the entities. A retry would insert these keys again.
  await manager.save(
    entity,
    rows.map((row) => ({ ...row })),
    { chunk: SAVED_TOGETHER },
  );
}
