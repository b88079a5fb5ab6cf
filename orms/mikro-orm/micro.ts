/** MikroORM without a server: creation of entities from rows, and the query builder for an insert. */
import { gradeLogRows, holds, type Micro } from "../micro.ts";

const ROWS = 500;

export const micro: Micro = {
  id: "mikro-orm",
  summary: "MikroORM: creating managed entities from rows, and building an insert of many rows",
  packages: ["@mikro-orm/core", "@mikro-orm/mysql"],
  async cases() {
    const [{ MikroORM }, { entitiesOf }] = await Promise.all([import("@mikro-orm/mysql"), import("./entities.ts")]);
    const entities = entitiesOf("identity");
    const orm = new MikroORM({ entities: Object.values(entities), dbName: "none", timezone: "Z", ensureDatabase: false });
    const found = Array.from({ length: ROWS }, (_, index) => ({
      user_id: index + 1,
      category_id: 1,
      active: 1,
      changed_at: null,
    }));
    const inserted = gradeLogRows(ROWS).map(({ runId, userId, previousGrade, newGrade, changedAt }) => ({
      runId,
      userId,
      previousGrade,
      newGrade,
      changedAt,
    }));
    return [
      {
        name: `${ROWS} rows made managed entities`,
        unit: "row",
        unitsPerCall: ROWS,
        isAsync: false,
        run() {
          const em = orm.em.fork();
          return found.map((row) => em.map(entities.badges, row as never));
        },
        check(result) {
          const [first] = result as { userId: number; active: boolean }[];
          return first?.userId === 1 && first.active ? null : `mapped to ${JSON.stringify(first)}`;
        },
      },
      {
        name: `building an insert of ${ROWS} rows`,
        unit: "row",
        unitsPerCall: ROWS,
        isAsync: false,
        run: () => orm.em.fork().createQueryBuilder(entities.gradeLogs).insert(inserted).getFormattedQuery(),
        check: holds(/'SILVER'/g, ROWS),
      },
    ];
  },
};
