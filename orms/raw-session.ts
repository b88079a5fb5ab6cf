/**
 * A session of SQL by hand, for raw drivers: single rows prepared, many rows as one text. What differs between drivers is
 * how a statement is sent, so that is all a driver's folder holds.
 */
import type { Window } from "../workload/calendar.ts";
import {
  columnName,
  insertColumns,
  tableName,
  type Grade,
  type InsertRows,
  type InsertTable,
  type KeyStorage,
  type UpdateRows,
  type UpdateTable,
} from "../workload/tables.ts";
import { explainHangUp, keysIn } from "./hang-up.ts";
import type { Filter, OrmSession, SqlValue } from "./orm.ts";

export type SqlParameter = SqlValue | readonly SqlValue[];

/** A pool, or one connection of it inside a transaction. Rows are objects by column name; writes give no rows. */
export interface RawDriver {
  /** One statement, prepared and cached per connection. */
  prepared(sql: string, params: readonly SqlValue[]): Promise<object[]>;
  /** One statement as text, values escaped by the client; a list becomes `1, 2, 3`. */
  text(sql: string, params: readonly SqlParameter[]): Promise<object[]>;
  /** `INSERT INTO ... VALUES` of many rows in one statement. @param into up to and including VALUES */
  insertRows(into: string, rows: readonly (readonly SqlValue[])[]): Promise<void>;
  /** One statement for each set of parameters, pipelined; absent where the driver waits for each answer. */
  batch?(sql: string, paramSets: readonly (readonly SqlValue[])[]): Promise<void>;
  /** On one connection: committed when `work` returns, rolled back when it throws. */
  transaction<T>(work: (driver: RawDriver) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A connection out of a pool, as every driver has it. */
interface TransactionConnection {
  beginTransaction(): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  release(): unknown;
}

/** Runs `work` between BEGIN and COMMIT or ROLLBACK, and gives the connection back to its pool. */
export async function inTransaction<T>(connection: TransactionConnection, work: () => Promise<T>): Promise<T> {
  try {
    await connection.beginTransaction();
    const result = await work();
    await connection.commit();
    return result;
  } catch (error) {
    // on a dead connection the rollback fails too; the error that says why is the first one
    await connection.rollback().catch(() => undefined);
    throw error;
  } finally {
    await connection.release();
  }
}

/**
 * Texts of statements by what they are made of, as an application has them ready: building one for each of thousands of single
 * rows cost a seventh of the client's time, and even a key to look it up by, joined of the properties' names, two microseconds.
 * There are as many as the strategies have kinds of statements.
 */
interface StatementText {
  readonly table: string;
  /** of what is changed, then of what it is found by */
  readonly properties: readonly string[];
  readonly changed: number;
  readonly text: string;
}

/** @returns how many of the text's properties are passed when the object's follow from there on; -1 where another is there */
function matched(text: StatementText, from: number, object: object): number {
  let index = from;
  for (const property in object) {
    if (text.properties[index] !== property) return -1;
    index += 1;
  }
  return index;
}

function textOf(known: StatementText[], table: string, changes: object, where: object, build: () => string): string {
  for (const candidate of known) {
    if (candidate.table !== table) continue;
    if (
      matched(candidate, 0, changes) === candidate.changed &&
      matched(candidate, candidate.changed, where) === candidate.properties.length
    )
      return candidate.text;
  }
  const text = build();
  const changed = Object.keys(changes);
  known.push({ table, properties: [...changed, ...Object.keys(where)], changed: changed.length, text });
  return text;
}
const updatesOfOne: StatementText[] = [];
const updatesOfMany: StatementText[] = [];
const inserts = new Map<string, string>();

const conditions = (properties: object, test: string): string =>
  Object.keys(properties)
    .map((property) => `${columnName(property)} ${test}`)
    .join(" AND ");
const assignments = (values: object): string =>
  Object.keys(values)
    .map((property) => `${columnName(property)} = ?`)
    .join(", ");

export class RawSession implements OrmSession {
  readonly #driver: RawDriver;
  readonly #storage: KeyStorage;

  constructor(driver: RawDriver, storage: KeyStorage) {
    this.#driver = driver;
    this.#storage = storage;
  }

  async #rows<Row>(sql: string, params: SqlValue[]): Promise<Row[]> {
    return (await this.#driver.prepared(sql, params)) as Row[];
  }

  usersAfter(afterId: number, lastId: number, limit: number) {
    return this.#rows<{ id: number; grade: Grade }>(
      // LIMIT inlined: drivers send a prepared LIMIT ? as a double, which the server refuses
      `SELECT id, grade FROM users WHERE id > ? AND id <= ? ORDER BY id LIMIT ${limit}`,
      [afterId, lastId],
    );
  }

  async paidOrders(userId: number, window: Window) {
    const rows = await this.#rows<{ category_id: number; amount: string }>(
      "SELECT category_id, amount FROM orders WHERE user_id = ? AND ordered_at >= ? AND ordered_at < ? AND status = 'paid'",
      [userId, window.from, window.to],
    );
    return rows.map((row) => ({ categoryId: row.category_id, amountWon: Number(row.amount) }));
  }

  async orderTotals(firstUserId: number, lastUserId: number, window: Window) {
    const rows = await this.#rows<{ user_id: number; category_id: number; orders: number; amount: string }>(
      `SELECT user_id, category_id, COUNT(*) AS orders, SUM(amount) AS amount FROM orders
       WHERE user_id BETWEEN ? AND ? AND ordered_at >= ? AND ordered_at < ? AND status = 'paid'
       GROUP BY user_id, category_id`,
      [firstUserId, lastUserId, window.from, window.to],
    );
    return rows.map((row) => ({
      userId: row.user_id,
      categoryId: row.category_id,
      orders: row.orders,
      amountWon: Number(row.amount),
    }));
  }

  async badges(firstUserId: number, lastUserId: number) {
    const rows = await this.#rows<{ user_id: number; category_id: number; active: number }>(
      "SELECT user_id, category_id, active FROM badges WHERE user_id BETWEEN ? AND ?",
      [firstUserId, lastUserId],
    );
    return rows.map((row) => ({ userId: row.user_id, categoryId: row.category_id, active: row.active === 1 }));
  }

  async insertOne<T extends InsertTable>(table: T, row: InsertRows[T]) {
    const { names, values } = insertColumns(table, this.#storage);
    const name = tableName(table, this.#storage);
    let sql = inserts.get(name);
    if (sql === undefined) {
      sql = `INSERT INTO ${name} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`;
      inserts.set(name, sql);
    }
    await this.#driver.prepared(sql, values(row) as SqlValue[]);
  }

  async insertMany<T extends InsertTable>(table: T, rows: readonly InsertRows[T][]) {
    if (rows.length === 0) return;
    const { names, values } = insertColumns(table, this.#storage);
    const into = `INSERT INTO ${tableName(table, this.#storage)} (${names.join(", ")}) VALUES`;
    await explainHangUp(rows.length, this.#driver.insertRows(into, rows.map(values) as SqlValue[][]));
  }

  async updateOne<T extends UpdateTable>(table: T, key: UpdateRows[T]["key"], changes: UpdateRows[T]["changes"]) {
    const name = tableName(table, this.#storage);
    const sql = textOf(
      updatesOfOne,
      name,
      changes,
      key,
      () => `UPDATE ${name} SET ${assignments(changes)} WHERE ${conditions(key, "= ?")}`,
    );
    await this.#driver.prepared(sql, [...Object.values(changes), ...Object.values(key)] as SqlValue[]);
  }

  async updateWhere<T extends UpdateTable>(table: T, filter: Filter<UpdateRows[T]["key"]>, changes: UpdateRows[T]["changes"]) {
    const name = tableName(table, this.#storage);
    const sql = textOf(
      updatesOfMany,
      name,
      changes,
      filter,
      () => `UPDATE ${name} SET ${assignments(changes)} WHERE ${conditions(filter, "IN (?)")}`,
    );
    const params = [...Object.values(changes), ...Object.values(filter)] as SqlParameter[];
    await explainHangUp(keysIn(filter), this.#driver.text(sql, params), "keys");
  }

  async execute(sql: string, params: readonly SqlValue[]) {
    await explainHangUp(params.length, this.#driver.text(sql, params), "values");
  }

  async executeBatch(sql: string, paramSets: readonly (readonly SqlValue[])[]) {
    if (this.#driver.batch === undefined) throw new Error("this driver has no statement batches");
    if (paramSets.length > 0) await this.#driver.batch(sql, paramSets);
  }

  async query(sql: string, params: readonly SqlValue[]) {
    return (await this.#driver.text(sql, params)) as Record<string, unknown>[];
  }

  transaction<T>(work: (session: OrmSession) => Promise<T>): Promise<T> {
    return this.#driver.transaction((driver) => work(new RawSession(driver, this.#storage)));
  }

  clear() {}

  [Symbol.asyncDispose]() {
    return this.#driver.close();
  }
}
