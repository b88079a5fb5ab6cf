/** Kysely with its CamelCasePlugin: typed SQL by its query builder on a mysql2 pool. The tree's Kysely has no plugin. */
import { CamelCasePlugin, CompiledQuery, Kysely, MysqlDialect, type ColumnType } from "kysely";
import { createPool } from "mysql2";
import {
  connectionSetup,
  explainHangUp,
  keysIn,
  mysql2Tls,
  tableName,
  withFirstError,
  type ConnectOptions,
  type CouponIssueRow,
  type Grade,
  type GradeLogRow,
  type KeyStorage,
  type Orm,
  type OrmSession,
  type UpdateRows,
  type Window,
} from "orm-shootout/plugin";

export const orm: Orm = {
  id: "my-kysely",
  packageName: "kysely",
  class: "query-builder",
  driver: "mysql2",
  capabilities: new Set(["bulk-insert", "bulk-update", "raw-sql"]),
  api: "builder",
  settings: { plugins: "CamelCasePlugin", prepared: "none: mysql2's query() sends text" },
  defaultPoolConnections: 10,
  statements: { insertOne: 1, insertMany: 1, updateOne: 1, updateWhere: 1, transaction: 2 },
  connect: async (options) => sessionOf(open(options), options.storage),
};

interface Tables {
  users: { id: number; grade: Grade; gradeChangedAt: Date | null };
  badges: { userId: number; categoryId: number; active: ColumnType<number, boolean, boolean>; changedAt: Date | null };
  orders: { userId: number; categoryId: number; amount: string; status: string; orderedAt: Date };
  gradeLogsIdentity: GradeLogRow;
  gradeLogsBin16: GradeLogRow;
  couponIssuesIdentity: CouponIssueRow;
  couponIssuesBin16: CouponIssueRow;
}

function open(options: ConnectOptions): Kysely<Tables> {
  const { host, port, user, password, schema } = options.target;
  const server = { host, port, user, password, database: schema, ...mysql2Tls(options.target) };
  const pool = createPool({ ...server, timezone: "Z", connectionLimit: options.poolConnections });
  pool.on("connection", (connection) => {
    for (const statement of connectionSetup(options)) connection.query(statement);
  });
  return new Kysely<Tables>({ dialect: new MysqlDialect({ pool }), plugins: [new CamelCasePlugin()] });
}

function sessionOf(db: Kysely<Tables>, storage: KeyStorage): OrmSession {
  const paidOrdersIn = ({ from, to }: Window) =>
    db.selectFrom("orders").where("status", "=", "paid").where("orderedAt", ">=", from).where("orderedAt", "<", to);

  // The table is known only at run time, so the types are those of one possible table.
  const insertMany: OrmSession["insertMany"] = async (table, rows) => {
    if (rows.length === 0) return;
    const name = tableName(table, storage) as "gradeLogsIdentity";
    const insert = db.insertInto(name).values(rows as readonly GradeLogRow[]);
    await explainHangUp(rows.length, insert.execute());
  };

  const updateWhere: OrmSession["updateWhere"] = async (table, filter, changes) => {
    const name = tableName(table, storage) as "users";
    let update = db.updateTable(name).set(changes as UpdateRows["users"]["changes"]);
    for (const [column, wanted] of Object.entries(filter as Record<string, number | readonly number[]>))
      update = update.where(column as "id", typeof wanted === "number" ? "=" : "in", wanted);
    await explainHangUp(keysIn(filter), update.execute(), "keys");
  };

  const query: OrmSession["query"] = async (sql, params) => {
    // Hand-written SQL contains the column names of the server.
    const { rows } = await db.withoutPlugins().executeQuery(CompiledQuery.raw(sql, [...params]));
    return rows as Record<string, unknown>[];
  };

  return {
    usersAfter: (afterId, lastId, limit) =>
      db
        .selectFrom("users")
        .where("id", ">", afterId)
        .where("id", "<=", lastId)
        .select(["id", "grade"])
        .orderBy("id")
        .limit(limit)
        .execute(),

    async paidOrders(userId, window) {
      const rows = await paidOrdersIn(window).where("userId", "=", userId).select(["categoryId", "amount"]).execute();
      return rows.map(({ categoryId, amount }) => ({ categoryId, amountWon: Number(amount) }));
    },

    async orderTotals(firstUserId, lastUserId, window) {
      const rows = await paidOrdersIn(window)
        .where((eb) => eb.between("userId", firstUserId, lastUserId))
        .groupBy(["userId", "categoryId"])
        .select(({ fn }) => ["userId", "categoryId", fn.countAll<number>().as("orders"), fn.sum("amount").as("amount")])
        .execute();
      return rows.map(({ amount, ...total }) => ({ ...total, amountWon: Number(amount) }));
    },

    async badges(firstUserId, lastUserId) {
      const ofUsers = db.selectFrom("badges").where((eb) => eb.between("userId", firstUserId, lastUserId));
      const rows = await ofUsers.select(["userId", "categoryId", "active"]).execute();
      return rows.map((badge) => ({ ...badge, active: badge.active === 1 }));
    },

    insertOne: (table, row) => insertMany(table, [row]),
    insertMany,
    updateOne: (table, key, changes) => updateWhere(table, key, changes),
    updateWhere,
    query,
    execute: async (sql, params) => void (await explainHangUp(params.length, query(sql, params), "values")),
    transaction: (work) => withFirstError((attempt) => db.transaction().execute((tx) => attempt(sessionOf(tx, storage))), work),
    clear() {},
    [Symbol.asyncDispose]: () => db.destroy(),
  };
}
