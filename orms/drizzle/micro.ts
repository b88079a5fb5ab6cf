/** Drizzle without a server: its query builder, and its mapping of driver rows. */
import { gradeLogRows, type Micro } from "../micro.ts";
import { importWithOwnFiles } from "../own-files.ts";

const ROWS = 500;

/** A pool that returns the same rows at once, in the format of the driver. */
const poolWith = (rows: readonly unknown[][]) => ({ query: async () => [rows, []], execute: async () => [rows, []] });

export const micro: Micro = {
  id: "drizzle",
  summary: "Drizzle: building an insert of many rows, and mapping rows",
  packages: ["drizzle-orm"],
  async cases() {
    const [{ drizzle }, { tables }] = await importWithOwnFiles("drizzle-orm", () =>
      Promise.all([import("drizzle-orm/mysql2"), import("./tables.ts")]),
    );
    const db = drizzle.mock();
    const inserted = gradeLogRows(ROWS).map(({ runId, userId, previousGrade, newGrade, changedAt }) => ({
      runId,
      userId,
      previousGrade,
      newGrade,
      changedAt,
    }));
    const found = Array.from({ length: ROWS }, (_, index) => [index + 1, index % 5, 1]);
    const { badges } = tables.identity;
    const mapping = drizzle({ client: poolWith(found) as never });
    return [
      {
        name: `building an insert of ${ROWS} rows`,
        unit: "row",
        unitsPerCall: ROWS,
        isAsync: false,
        run: () => db.insert(tables.identity.gradeLogs).values(inserted).toSQL(),
        check(result) {
          const { params } = result as { params: unknown[] };
          return params.length === ROWS * 5 ? null : `${params.length} values`;
        },
      },
      {
        name: `a select that gets ${ROWS} rows, mapped`,
        unit: "row",
        unitsPerCall: ROWS,
        isAsync: true,
        run: () => mapping.select({ userId: badges.userId, categoryId: badges.categoryId, active: badges.active }).from(badges),
        check(result) {
          const rows = result as { userId: number; active: boolean }[];
          return rows.length === ROWS && rows[0]?.userId === 1 && rows[0].active ? null : `mapped to ${JSON.stringify(rows[0])}`;
        },
      },
    ];
  },
};
