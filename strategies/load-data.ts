import type { OrmSession, SqlValue } from "../orms/orm.ts";
import { insertColumns, tableName, type InsertRows, type InsertTable, type KeyStorage } from "../workload/tables.ts";
import { updateBadges, updateGrades } from "./chunked.ts";
import { couponIssuesOf, gradeLogsOf, writeInChunks } from "./steps.ts";
import type { Strategy } from "./strategy.ts";

/** `chunked` with other inserts. The difference is LOAD DATA against the library's bulk insert. */
export const strategy: Strategy = {
  id: "load-data",
  summary: "inserts by LOAD DATA LOCAL, one per table and chunk of users; updates like chunked",
  requires: ["bulk-update", "load-data"],
  api: "raw-sql",
  usesChunks: true,
  splitsByUsers: true,
  roundTrips: "per-chunk",
  server: { localInfile: true },

  run: (context) =>
    writeInChunks(context, async (tx, pending) => {
      const { key, changedAt, phase } = context;
      await phase("badges", () => updateBadges(tx, pending, changedAt));
      await phase("grades", async () => {
        await updateGrades(tx, pending, changedAt);
        await load(tx, "gradeLogs", key.storage, gradeLogsOf(pending));
      });
      await phase("coupons", () => load(tx, "couponIssues", key.storage, couponIssuesOf(pending)));
    }),
};

async function load<T extends InsertTable>(
  tx: OrmSession,
  table: T,
  storage: KeyStorage,
  rows: readonly InsertRows[T][],
): Promise<void> {
  const { names, values } = insertColumns(table, storage);
  await tx.loadData?.(tableName(table, storage), names, rows.map(values) as SqlValue[][]);
}
