import type { Knex } from "knex";
import { couponIssuesOf, gradeLogsOf, writeInChunks, type PendingUser } from "../../strategies/steps.ts";
import type { NativeVariant, StrategyContext } from "../../strategies/strategy.ts";
import { tableName, type InsertRows, type InsertTable } from "../../workload/tables.ts";
import { columnRows } from "../column-rows.ts";
import { explainHangUp } from "../hang-up.ts";
import type { KnexSession } from "./session.ts";

/**
 * Knex documents `batchInsert` for thousands of rows (https://knexjs.org/guide/utility.html#batchinsert). It inserts 1,000 rows
 * per statement and opens a transaction, so it gets the transaction of the chunk: `trx.batchInsert` without `transacting` sends
 * SAVEPOINT and RELEASE around each call. It also waits for 1 ms before each call.
 */
export const nativeVariant: NativeVariant<KnexSession> = {
  api: "builder",
  summary: "bulk updates as in the general code, inserts by batchInsert(): 1,000 rows per statement",

  run: (context) => writeInChunks(context, (tx, pending) => writeChunk(context, tx as KnexSession, pending)),
};

async function writeChunk({ changedAt, phase }: StrategyContext, tx: KnexSession, pending: readonly PendingUser[]) {
  const { db } = tx;
  await phase("badges", async () => {
    const changes = pending.flatMap(({ badgeChanges }) => badgeChanges);
    const groups = Map.groupBy(changes, ({ categoryId, active }) => `${categoryId}/${active}`);
    for (const group of groups.values()) {
      const [{ categoryId, active } = { categoryId: 0, active: false }] = group;
      const userIds = group.map(({ userId }) => userId);
      const update = db("badges").where("category_id", categoryId).whereIn("user_id", userIds);
      await explainHangUp(userIds.length, update.update({ active, changed_at: changedAt }), "keys");
    }
  });
  await phase("grades", async () => {
    for (const [grade, users] of Map.groupBy(pending, ({ newGrade }) => newGrade)) {
      const ids = users.map(({ userId }) => userId);
      const update = db("users").whereIn("id", ids).update({ grade, grade_changed_at: changedAt });
      await explainHangUp(ids.length, update, "keys");
    }
    await batchInsert(tx, "gradeLogs", gradeLogsOf(pending));
  });
  await phase("coupons", () => batchInsert(tx, "couponIssues", couponIssuesOf(pending)));
}

async function batchInsert<T extends InsertTable>({ db, storage }: KnexSession, table: T, rows: readonly InsertRows[T][]) {
  const insert = db.batchInsert(tableName(table, storage), columnRows(table, storage, rows));
  await explainHangUp(rows.length, insert.transacting(db as Knex.Transaction));
}
