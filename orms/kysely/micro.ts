/** Kysely without a server: its query builder and compiler, and its way of a select on a pool that answers at once. */
import type { MysqlPool, MysqlPoolConnection } from "kysely";
import { columnRows } from "../column-rows.ts";
import { gradeLogRows, type Micro } from "../micro.ts";
import type { Database } from "./tables.ts";

const ROWS = 500;

/** A pool whose connection returns the same rows at once, in the format of the driver. */
function poolWith(rows: readonly object[]): MysqlPool {
  const connection = {
    query: (_sql: string, _values: readonly unknown[], done: (error: unknown, result: unknown) => void) => done(null, rows),
    release() {},
  } as unknown as MysqlPoolConnection;
  return {
    getConnection: (done) => done(null, connection),
    end: (done) => done(null),
  };
}

export const micro: Micro = {
  id: "kysely",
  summary: "Kysely: building an insert of many rows, and a select of rows, which it does not map",
  packages: ["kysely"],
  async cases() {
    const { Kysely, MysqlDialect } = await import("kysely");
    const inserted = columnRows("gradeLogs", "identity", gradeLogRows(ROWS)) as never[];
    const found = Array.from({ length: ROWS }, (_, index) => ({ userId: index + 1, categoryId: index % 5, active: 1 }));
    const db = new Kysely<Database>({ dialect: new MysqlDialect({ pool: poolWith(found) }) });
    return [
      {
        name: `building an insert of ${ROWS} rows`,
        unit: "row",
        unitsPerCall: ROWS,
        isAsync: false,
        run: () => db.insertInto("grade_logs_identity").values(inserted).compile(),
        check(result) {
          const { parameters } = result as { parameters: readonly unknown[] };
          return parameters.length === ROWS * 5 ? null : `${parameters.length} values`;
        },
      },
      {
        name: `a select that gets ${ROWS} rows`,
        unit: "row",
        unitsPerCall: ROWS,
        isAsync: true,
        run: () => db.selectFrom("badges").select(["user_id as userId", "category_id as categoryId", "active"]).execute(),
        check(result) {
          const rows = result as typeof found;
          return rows.length === ROWS && rows[0]?.userId === 1 ? null : `got ${JSON.stringify(rows[0])}`;
        },
      },
    ];
  },
};
