/** Kysely: typed SQL by its query builder on a mysql2 pool. */
import { CompiledQuery, Kysely, MysqlDialect, sql, type Insertable, type Updateable } from "kysely";
import type { Window } from "../../workload/calendar.ts";
import {
  tableName,
  type InsertRows,
  type InsertTable,
  type KeyStorage,
  type UpdateRows,
  type UpdateTable,
} from "../../workload/tables.ts";
import { columnRows, columnsOf } from "../column-rows.ts";
import { withFirstError } from "../first-error.ts";
import { explainHangUp, keysIn } from "../hang-up.ts";
import { executeInPackets } from "../many-statements.ts";
import { openMysql2Pool } from "../mysql2/pool.ts";
import type { ConnectOptions, Filter, OrmSession, SqlValue } from "../orm.ts";
import type { Residue } from "../residue.ts";
import type { Database } from "./tables.ts";

export async function connect(options: ConnectOptions): Promise<KyselySession> {
  const { pool } = openMysql2Pool(options);
  return new KyselySession(new Kysely<Database>({ dialect: new MysqlDialect({ pool }) }), options.storage);
}

/** The code learns the table only when it runs. The types of these tables stand for all tables of an insert or update. */
type Inserted = "grade_logs_identity";
type Updated = "users";

/** For `$if`, which calls it only if there is a remainder. */
const ofResidue = (column: "id" | "user_id", only?: Residue) =>
  sql<boolean>`mod(${sql.ref(column)}, ${only?.divisor}) = ${only?.remainder}`;

export class KyselySession implements OrmSession {
  readonly db: Kysely<Database>;
  readonly #storage: KeyStorage;

  constructor(db: Kysely<Database>, storage: KeyStorage) {
    this.db = db;
    this.#storage = storage;
  }

  usersAfter(afterId: number, lastId: number, limit: number, only?: Residue) {
    return this.db
      .selectFrom("users")
      .select(["id", "grade"])
      .where("id", ">", afterId)
      .where("id", "<=", lastId)
      .$if(only !== undefined, (users) => users.where(ofResidue("id", only)))
      .orderBy("id")
      .limit(limit)
      .execute();
  }

  #paidIn({ from, to }: Window) {
    return this.db.selectFrom("orders").where("status", "=", "paid").where("ordered_at", ">=", from).where("ordered_at", "<", to);
  }

  async paidOrders(userId: number, window: Window) {
    const rows = await this.#paidIn(window)
      .where("user_id", "=", userId)
      .select(["category_id as categoryId", "amount"])
      .execute();
    return rows.map(({ categoryId, amount }) => ({ categoryId, amountWon: Number(amount) }));
  }

  async orderTotals(firstUserId: number, lastUserId: number, window: Window, only?: Residue) {
    const rows = await this.#paidIn(window)
      .where((eb) => eb.between("user_id", firstUserId, lastUserId))
      .$if(only !== undefined, (paid) => paid.where(ofResidue("user_id", only)))
      .groupBy(["user_id", "category_id"])
      .select(["user_id as userId", "category_id as categoryId"])
      .select(({ fn }) => [fn.countAll<number>().as("orders"), fn.sum("amount").as("amount")])
      .execute();
    return rows.map(({ userId, categoryId, orders, amount }) => ({ userId, categoryId, orders, amountWon: Number(amount) }));
  }

  async badges(firstUserId: number, lastUserId: number, only?: Residue) {
    const rows = await this.db
      .selectFrom("badges")
      .select(["user_id as userId", "category_id as categoryId", "active"])
      .where((eb) => eb.between("user_id", firstUserId, lastUserId))
      .$if(only !== undefined, (badges) => badges.where(ofResidue("user_id", only)))
      .execute();
    return rows.map(({ userId, categoryId, active }) => ({ userId, categoryId, active: active === 1 }));
  }

  async insertOne<T extends InsertTable>(table: T, row: InsertRows[T]) {
    await this.insertMany(table, [row]);
  }

  async insertMany<T extends InsertTable>(table: T, rows: readonly InsertRows[T][]) {
    // Without rows Kysely sends an INSERT without values, which is a syntax error.
    if (rows.length === 0) return;
    const values = columnRows(table, this.#storage, rows) as unknown as Insertable<Database[Inserted]>[];
    const insert = this.db.insertInto(tableName(table, this.#storage) as Inserted).values(values);
    await explainHangUp(rows.length, insert.execute());
  }

  async updateOne<T extends UpdateTable>(table: T, key: UpdateRows[T]["key"], changes: UpdateRows[T]["changes"]) {
    await this.#update(table, key, changes).execute();
  }

  async updateWhere<T extends UpdateTable>(table: T, filter: Filter<UpdateRows[T]["key"]>, changes: UpdateRows[T]["changes"]) {
    await explainHangUp(keysIn(filter), this.#update(table, filter, changes).execute(), "keys");
  }

  #update(table: UpdateTable, filter: object, changes: object) {
    const set = columnsOf(changes) as Updateable<Database[Updated]>;
    let update = this.db.updateTable(tableName(table, this.#storage) as Updated).set(set);
    for (const [column, wanted] of Object.entries(columnsOf(filter) as Record<string, number | readonly number[]>))
      update = update.where(column as "id", Array.isArray(wanted) ? "in" : "=", wanted);
    return update;
  }

  readonly executeMany: NonNullable<OrmSession["executeMany"]> = (sql, paramSets) => executeInPackets(this, sql, paramSets);

  async execute(text: string, params: readonly SqlValue[]) {
    await explainHangUp(params.length, this.query(text, params), "values");
  }

  async query(text: string, params: readonly SqlValue[]) {
    const { rows } = await this.db.executeQuery<Record<string, unknown>>(CompiledQuery.raw(text, [...params]));
    return rows;
  }

  transaction<T>(work: (session: KyselySession) => Promise<T>): Promise<T> {
    return withFirstError(
      (attempt) => this.db.transaction().execute((trx) => attempt(new KyselySession(trx, this.#storage))),
      work,
    );
  }

  clear() {}

  [Symbol.asyncDispose]() {
    return this.db.destroy();
  }
}
