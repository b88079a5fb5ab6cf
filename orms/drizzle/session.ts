/** Drizzle: typed SQL by its query builder on a mysql2 pool. */
import { and, between, count, eq, gt, gte, inArray, lt, lte, sql, sum, type SQL } from "drizzle-orm";
import type { MySqlColumn, MySqlTable } from "drizzle-orm/mysql-core";
import { drizzle, type MySql2Database } from "drizzle-orm/mysql2";
import type { Pool } from "mysql2/promise";
import type { Window } from "../../workload/calendar.ts";
import {
  insertColumns,
  type InsertRows,
  type InsertTable,
  type KeyStorage,
  type UpdateRows,
  type UpdateTable,
} from "../../workload/tables.ts";
import { withFirstError } from "../first-error.ts";
import { explainHangUp, keysIn } from "../hang-up.ts";
import { executeInPackets } from "../many-statements.ts";
import { openMysql2Pool } from "../mysql2/pool.ts";
import type { ConnectOptions, Filter, OrmSession, SqlValue } from "../orm.ts";
import type { Residue } from "../residue.ts";
import { tables } from "./tables.ts";

const { users, orders, badges } = tables.identity;

/**
 * Drizzle passes a statement's values as arguments of one call, which throws a RangeError from about 120,000 values. This is
 * MySQL's limit for a prepared statement.
 */
const MAX_VALUES = 65_535;

type Db = Pick<MySql2Database, "select" | "insert" | "update" | "execute" | "transaction">;

export async function connect(options: ConnectOptions): Promise<OrmSession> {
  const pool = openMysql2Pool(options);
  return new DrizzleSession(drizzle(pool), options.storage, pool);
}

/** Drizzle's `sql` requires its parameters in place. This function inserts them at the question marks. */
function bind(text: string, params: readonly SqlValue[]): SQL {
  const parts = text.split("?");
  const chunks: SQL[] = [sql.raw(parts[0] ?? "")];
  for (const [index, value] of params.entries()) chunks.push(sql`${value}`, sql.raw(parts[index + 1] ?? ""));
  return sql.join(chunks);
}

/** `column = value` or `column IN (list)` for each property of a filter. */
function where(table: MySqlTable, filter: object): SQL | undefined {
  const columns = table as unknown as Record<string, MySqlColumn>;
  const conditions = Object.entries(filter).map(([property, wanted]) => {
    const column = columns[property];
    if (column === undefined) throw new Error(`the table has no column ${property}`);
    return Array.isArray(wanted) ? inArray(column, wanted) : eq(column, wanted);
  });
  return and(...conditions);
}

const ofResidue = (column: MySqlColumn, only?: Residue): SQL | undefined =>
  only && sql`mod(${column}, ${only.divisor}) = ${only.remainder}`;

const paidIn = ({ from, to }: Window) => [gte(orders.orderedAt, from), lt(orders.orderedAt, to), eq(orders.status, "paid")];

class DrizzleSession implements OrmSession {
  readonly #db: Db;
  readonly #storage: KeyStorage;
  readonly #pool: Pool | undefined;

  constructor(db: Db, storage: KeyStorage, pool?: Pool) {
    this.#db = db;
    this.#storage = storage;
    this.#pool = pool;
  }

  async usersAfter(afterId: number, lastId: number, limit: number, only?: Residue) {
    return this.#db
      .select({ id: users.id, grade: users.grade })
      .from(users)
      .where(and(gt(users.id, afterId), lte(users.id, lastId), ofResidue(users.id, only)))
      .orderBy(users.id)
      .limit(limit);
  }

  async paidOrders(userId: number, window: Window) {
    const rows = await this.#db
      .select({ categoryId: orders.categoryId, amount: orders.amount })
      .from(orders)
      .where(and(eq(orders.userId, userId), ...paidIn(window)));
    return rows.map((row) => ({ categoryId: row.categoryId, amountWon: Number(row.amount) }));
  }

  async orderTotals(firstUserId: number, lastUserId: number, window: Window, only?: Residue) {
    const amountWon = sum(orders.amount).mapWith(Number);
    return this.#db
      .select({ userId: orders.userId, categoryId: orders.categoryId, orders: count(), amountWon })
      .from(orders)
      .where(and(between(orders.userId, firstUserId, lastUserId), ofResidue(orders.userId, only), ...paidIn(window)))
      .groupBy(orders.userId, orders.categoryId);
  }

  async badges(firstUserId: number, lastUserId: number, only?: Residue) {
    return this.#db
      .select({ userId: badges.userId, categoryId: badges.categoryId, active: badges.active })
      .from(badges)
      .where(and(between(badges.userId, firstUserId, lastUserId), ofResidue(badges.userId, only)));
  }

  async insertOne<T extends InsertTable>(table: T, row: InsertRows[T]) {
    await this.insertMany(table, [row]);
  }

  async insertMany<T extends InsertTable>(table: T, rows: readonly InsertRows[T][]) {
    const into: MySqlTable = tables[this.#storage][table];
    const size = Math.floor(MAX_VALUES / insertColumns(table, this.#storage).names.length);
    // Drizzle throws for an empty list, so without rows there is no statement.
    for (let start = 0; start < rows.length; start += size) {
      const part = rows.slice(start, start + size);
      await explainHangUp(part.length, this.#db.insert(into).values(part));
    }
  }

  async updateOne<T extends UpdateTable>(table: T, key: UpdateRows[T]["key"], changes: UpdateRows[T]["changes"]) {
    await this.#update(table, key, changes);
  }

  async updateWhere<T extends UpdateTable>(table: T, filter: Filter<UpdateRows[T]["key"]>, changes: UpdateRows[T]["changes"]) {
    await explainHangUp(keysIn(filter), this.#update(table, filter, changes), "keys");
  }

  #update(table: UpdateTable, filter: object, changes: object) {
    const updated: MySqlTable = tables[this.#storage][table];
    return this.#db.update(updated).set(changes).where(where(updated, filter));
  }

  async execute(text: string, params: readonly SqlValue[]) {
    await explainHangUp(params.length, this.#db.execute(bind(text, params)), "values");
  }

  async executeMany(text: string, paramSets: readonly (readonly SqlValue[])[]) {
    await executeInPackets(this, text, paramSets);
  }

  async query(text: string, params: readonly SqlValue[]) {
    const [rows] = await this.#db.execute(bind(text, params));
    return rows as unknown as Record<string, unknown>[];
  }

  transaction<T>(work: (session: OrmSession) => Promise<T>): Promise<T> {
    return withFirstError((attempt) => this.#db.transaction((tx) => attempt(new DrizzleSession(tx, this.#storage))), work);
  }

  clear() {}

  async [Symbol.asyncDispose]() {
    await this.#pool?.end();
  }
}
