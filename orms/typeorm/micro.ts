/** TypeORM without a server: its insert query builder, and its creation of entities from rows. */
import { gradeLogRows, type Micro } from "../micro.ts";

const ROWS = 500;

/** A driver whose connection returns the same rows at once. */
function driverWith(rows: readonly object[]) {
  const query = async (sql: string) => [sql.includes("version()") ? [{ version: "9.7.4" }] : rows, []];
  const connection = { promise: () => ({ query }), listeners: () => [], on: () => {}, release: () => {} };
  const getConnection = (take: (error: null, taken: typeof connection) => void) => take(null, connection);
  return { createPool: () => ({ getConnection }) };
}

export const micro: Micro = {
  id: "typeorm",
  summary: "TypeORM: building an insert of many rows, and creating entities from rows",
  packages: ["typeorm", "reflect-metadata"],
  async cases() {
    const [{ DataSource }, { entitiesOf }] = await Promise.all([import("typeorm"), import("./entities.ts")]);
    const entities = entitiesOf("identity");
    const found = Array.from({ length: ROWS }, (_, index) => ({
      Badge_user_id: index + 1,
      Badge_category_id: 1,
      Badge_active: 1,
      Badge_changed_at: null,
    }));
    const source = new DataSource({
      type: "mysql",
      database: "none",
      driver: driverWith(found),
      entities: Object.values(entities),
    });
    const { manager } = await source.initialize();
    const inserted = gradeLogRows(ROWS);
    return [
      {
        name: `building an insert of ${ROWS} rows`,
        unit: "row",
        unitsPerCall: ROWS,
        isAsync: false,
        run: () => manager.createQueryBuilder().insert().into(entities.gradeLogs).values(inserted).getQueryAndParameters(),
        check(result) {
          const [, parameters] = result as [string, unknown[]];
          return parameters.length === ROWS * 5 ? null : `${parameters.length} values`;
        },
      },
      {
        name: `a find that gets ${ROWS} rows, made entities`,
        unit: "row",
        unitsPerCall: ROWS,
        isAsync: true,
        run: () => manager.find(entities.badges),
        check(result) {
          const rows = result as { userId: number; active: boolean }[];
          return rows.length === ROWS && rows[0]?.userId === 1 && rows[0].active ? null : `mapped to ${JSON.stringify(rows[0])}`;
        },
      },
    ];
  },
};
