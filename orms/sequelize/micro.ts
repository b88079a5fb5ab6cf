/** Sequelize without a server: a bulk insert on a connection that answers at once, and model instances from rows. */
import type { Transaction } from "sequelize";
import { gradeLogRows, type Micro } from "../micro.ts";

const ROWS = 500;

/** Passed as the connection of a transaction, because a pool would keep the process alive. */
const connection = {
  query(_statement: unknown, done: (error: null, result: object) => void) {
    setImmediate(done, null, { insertId: 1, affectedRows: ROWS });
    return { setMaxListeners: () => {} };
  },
};

export const micro: Micro = {
  id: "sequelize",
  summary: "Sequelize: bulkCreate, and creating model instances from rows",
  packages: ["sequelize"],
  async cases() {
    const [{ Sequelize }, { defineModels }] = await Promise.all([import("sequelize"), import("./models.ts")]);
    const options = { dialect: "mysql", logging: false, define: { timestamps: false, underscored: true } } as const;
    const { gradeLogs, badges } = defineModels(new Sequelize(options), "identity");
    const inserted = gradeLogRows(ROWS).map((row) => ({ ...row }));
    const found = Array.from({ length: ROWS }, (_, index) => ({
      userId: index + 1,
      categoryId: 1,
      active: true,
      changedAt: null,
    }));
    const transaction = { connection } as unknown as Transaction;
    return [
      {
        name: `bulkCreate of ${ROWS} rows`,
        unit: "row",
        unitsPerCall: ROWS,
        isAsync: true,
        run: () => gradeLogs.bulkCreate(inserted, { transaction }),
        check(result) {
          const rows = result as { get(name: string): unknown }[];
          return rows.length === ROWS && rows[1]?.get("userId") === 2 ? null : `${rows.length} rows`;
        },
      },
      {
        name: `${ROWS} rows made model instances`,
        unit: "row",
        unitsPerCall: ROWS,
        isAsync: false,
        run: () => found.map((row) => badges.build(row, { isNewRecord: false, raw: true })),
        check(result) {
          const [first] = result as { get(name: string): unknown }[];
          return first?.get("userId") === 1 && first.get("active") === true ? null : `mapped to ${JSON.stringify(first)}`;
        },
      },
    ];
  },
};
