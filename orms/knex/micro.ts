/** Knex without a server: its query builder and compiler, and its way of a select on a pool that answers at once. */
import { columnRows } from "../column-rows.ts";
import { gradeLogRows, type Micro } from "../micro.ts";

const ROWS = 500;

/** A pool whose connection returns the same rows at once, in the format of the driver. */
function poolWith(rows: readonly object[]) {
  const connection = {
    query: (_options: object, _values: readonly unknown[], done: (error: unknown, result: unknown, fields: unknown) => void) =>
      done(null, rows, []),
    release() {},
  };
  return {
    getConnection: (done: (error: null, found: typeof connection) => void) => done(null, connection),
    end() {},
  };
}

export const micro: Micro = {
  id: "knex",
  summary: "Knex: building an insert of many rows, and a select of rows, which it does not map",
  packages: ["knex", "mysql2"],
  async cases() {
    const { default: knex } = await import("knex");
    const inserted = columnRows("gradeLogs", "identity", gradeLogRows(ROWS));
    const found = Array.from({ length: ROWS }, (_, index) => ({ userId: index + 1, categoryId: index % 5, active: 1 }));
    const db = knex({ client: "mysql2", connectionPool: poolWith(found) });
    return [
      {
        name: `building an insert of ${ROWS} rows`,
        unit: "row",
        unitsPerCall: ROWS,
        isAsync: false,
        run: () => db("grade_logs_identity").insert(inserted).toSQL(),
        check(result) {
          const { bindings } = result as { bindings: readonly unknown[] };
          return bindings.length === ROWS * 5 ? null : `${bindings.length} values`;
        },
      },
      {
        name: `a select that gets ${ROWS} rows`,
        unit: "row",
        unitsPerCall: ROWS,
        isAsync: true,
        // a builder is no promise: it sends its statement when something waits for it
        run: async () => await db("badges").select("user_id as userId", "category_id as categoryId", "active"),
        check(result) {
          const rows = result as typeof found;
          return rows.length === ROWS && rows[0]?.userId === 1 ? null : `got ${JSON.stringify(rows[0])}`;
        },
      },
    ];
  },
};
