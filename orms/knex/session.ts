/** Knex: SQL by its query builder on mysql2, with its own pool. */
import { callbackify } from "node:util";
import knex, { type Knex } from "knex";
import type { Connection } from "mysql2";
import type { Window } from "../../workload/calendar.ts";
import {
  tableName,
  type BadgeState,
  type InsertRows,
  type InsertTable,
  type KeyStorage,
  type UpdateRows,
  type UpdateTable,
  type UserState,
} from "../../workload/tables.ts";
import { columnRows, columnsOf } from "../column-rows.ts";
import { withFirstError } from "../first-error.ts";
import { explainHangUp, keysIn } from "../hang-up.ts";
import { executeInPackets } from "../many-statements.ts";
import { mysql2Options } from "../mysql2-options.ts";
import { connectionSetup, isUsed, type ConnectOptions, type Filter, type OrmSession, type SqlValue } from "../orm.ts";
import type { Residue } from "../residue.ts";

/** Knex keeps this number of connections. It refuses a pool with a smaller maximum. */
const MIN_CONNECTIONS = 2;

export async function connect(options: ConnectOptions): Promise<KnexSession> {
  const { host, port, user, password, schema } = options.target;
  const db = knex({
    client: "mysql2",
    connection: {
      host,
      port,
      user,
      password,
      database: schema,
      timezone: "Z",
      multipleStatements: isUsed(options, "multi-statements"),
      ...mysql2Options(options.target),
    },
    pool: {
      min: Math.min(MIN_CONNECTIONS, options.poolConnections),
      max: options.poolConnections,
      afterCreate: callbackify(async (connection: Connection) => {
        for (const sql of connectionSetup(options)) await connection.promise().query(sql);
        return connection;
      }),
    },
  });
  return new KnexSession(db, options.storage);
}

function ofResidue(query: Knex.QueryBuilder, column: string, only?: Residue): void {
  if (only !== undefined) void query.whereRaw("mod(??, ?) = ?", [column, only.divisor, only.remainder]);
}

export class KnexSession implements OrmSession {
  readonly db: Knex;
  readonly storage: KeyStorage;

  constructor(db: Knex, storage: KeyStorage) {
    this.db = db;
    this.storage = storage;
  }

  async usersAfter(afterId: number, lastId: number, limit: number, only?: Residue): Promise<UserState[]> {
    const users = this.db("users").select("id", "grade").where("id", ">", afterId).where("id", "<=", lastId);
    return users.modify(ofResidue, "id", only).orderBy("id").limit(limit);
  }

  #paidIn({ from, to }: Window) {
    return this.db("orders").where("status", "paid").where("ordered_at", ">=", from).where("ordered_at", "<", to);
  }

  async paidOrders(userId: number, window: Window) {
    const rows: { categoryId: number; amount: string }[] = await this.#paidIn(window)
      .where("user_id", userId)
      .select("category_id as categoryId", "amount");
    return rows.map(({ categoryId, amount }) => ({ categoryId, amountWon: Number(amount) }));
  }

  async orderTotals(firstUserId: number, lastUserId: number, window: Window, only?: Residue) {
    const rows: { userId: number; categoryId: number; orders: number; amount: string }[] = await this.#paidIn(window)
      .whereBetween("user_id", [firstUserId, lastUserId])
      .modify(ofResidue, "user_id", only)
      .groupBy("user_id", "category_id")
      .select("user_id as userId", "category_id as categoryId")
      .count({ orders: "*" })
      .sum({ amount: "amount" });
    return rows.map(({ userId, categoryId, orders, amount }) => ({ userId, categoryId, orders, amountWon: Number(amount) }));
  }

  async badges(firstUserId: number, lastUserId: number, only?: Residue): Promise<BadgeState[]> {
    const rows: { userId: number; categoryId: number; active: number }[] = await this.db("badges")
      .select("user_id as userId", "category_id as categoryId", "active")
      .whereBetween("user_id", [firstUserId, lastUserId])
      .modify(ofResidue, "user_id", only);
    return rows.map(({ userId, categoryId, active }) => ({ userId, categoryId, active: active === 1 }));
  }

  async insertOne<T extends InsertTable>(table: T, row: InsertRows[T]) {
    await this.insertMany(table, [row]);
  }

  async insertMany<T extends InsertTable>(table: T, rows: readonly InsertRows[T][]) {
    // Knex refuses an empty list: "The query is empty".
    if (rows.length === 0) return;
    const insert = this.db(tableName(table, this.storage)).insert(columnRows(table, this.storage, rows));
    await explainHangUp(rows.length, insert);
  }

  async updateOne<T extends UpdateTable>(table: T, key: UpdateRows[T]["key"], changes: UpdateRows[T]["changes"]) {
    await this.db(tableName(table, this.storage)).where(columnsOf(key)).update(columnsOf(changes));
  }

  async updateWhere<T extends UpdateTable>(table: T, filter: Filter<UpdateRows[T]["key"]>, changes: UpdateRows[T]["changes"]) {
    const update = this.db(tableName(table, this.storage)).update(columnsOf(changes));
    for (const [column, wanted] of Object.entries(columnsOf(filter) as Record<string, number | readonly number[]>)) {
      if (typeof wanted === "number") update.where(column, wanted);
      else update.whereIn(column, wanted);
    }
    await explainHangUp(keysIn(filter), update, "keys");
  }

  readonly executeMany: NonNullable<OrmSession["executeMany"]> = (sql, paramSets) => executeInPackets(this, sql, paramSets);

  async execute(sql: string, params: readonly SqlValue[]) {
    await explainHangUp(params.length, this.db.raw(sql, params as Knex.RawBinding[]), "values");
  }

  async query(sql: string, params: readonly SqlValue[]) {
    const [rows] = (await this.db.raw(sql, params as Knex.RawBinding[])) as [Record<string, unknown>[]];
    return rows;
  }

  transaction<T>(work: (session: KnexSession) => Promise<T>): Promise<T> {
    return withFirstError((attempt) => this.db.transaction((trx) => attempt(new KnexSession(trx, this.storage))), work);
  }

  clear() {}

  async [Symbol.asyncDispose]() {
    await this.db.destroy();
  }
}
