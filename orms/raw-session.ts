/**
 * A session of hand-written SQL for raw drivers: single rows with prepared statements, many rows in one text. Drivers differ
 * only in the way they send a statement, so a driver's folder contains only this part.
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
import { explainForbidden, fileOf, loadStatement, requireAllStored, type LoadFile, type LoadOutcome } from "./load-data.ts";
import { executeInPackets } from "./many-statements.ts";
import type { Filter, OrmSession, SqlValue } from "./orm.ts";
import type { Residue } from "./residue.ts";

export type SqlParameter = SqlValue | readonly SqlValue[];

/** A pool, or one of its connections inside a transaction. Rows are objects by column name; writes return no rows. */
export interface RawDriver {
  /** Runs one statement, prepared and cached per connection. */
  prepared(sql: string, params: readonly SqlValue[]): Promise<object[]>;
  /** Runs one statement as text with values that the client escapes; a list becomes `1, 2, 3`. */
  text(sql: string, params: readonly SqlParameter[]): Promise<object[]>;
  /** Runs `INSERT INTO ... VALUES` of many rows in one statement. @param into the text up to and including VALUES */
  insertRows(into: string, rows: readonly (readonly SqlValue[])[]): Promise<void>;
  /** Runs one statement for each parameter set, pipelined; absent if the driver waits for each answer. */
  batch?(sql: string, paramSets: readonly (readonly SqlValue[])[]): Promise<void>;
  /** Runs LOAD DATA LOCAL with the file as the client's answer; absent if the driver sends only files of a disk. */
  loadData?(sql: string, file: LoadFile): Promise<LoadOutcome>;
  /** Runs `work` on one connection: commits when `work` returns, rolls back when it throws. */
  transaction<T>(work: (driver: RawDriver) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A connection of a pool, in the interface that all drivers share. */
interface TransactionConnection {
  beginTransaction(): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  release(): unknown;
}

/** Runs `work` between BEGIN and COMMIT or ROLLBACK, and returns the connection to its pool. */
export async function inTransaction<T>(connection: TransactionConnection, work: () => Promise<T>): Promise<T> {
  try {
    await connection.beginTransaction();
    const result = await work();
    await connection.commit();
    return result;
  } catch (error) {
    // On a dead connection the rollback fails too. The first error names the cause.
    await connection.rollback().catch(() => undefined);
    throw error;
  } finally {
    await connection.release();
  }
}

/**
 * A cached statement text with the parts that identify it. An application also has its texts ready. To build the text for
 * each of thousands of single rows took a seventh of the client's time. Even a look-up key, joined from the property names,
 * took two microseconds. The number of texts equals the number of statement kinds of the strategies.
 */
interface StatementText {
  readonly table: string;
  /** the changed properties, then the key properties */
  readonly properties: readonly string[];
  readonly changed: number;
  readonly text: string;
}

/** @returns the index after the object's properties in the text's list, starting at `from`; -1 if a property differs */
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

/** The numbers are part of the text: each worker has one remainder, and so one text of each statement. */
const ofResidue = (column: string, only: Residue | undefined): string =>
  only === undefined ? "" : ` AND MOD(${column}, ${only.divisor}) = ${only.remainder}`;

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

  usersAfter(afterId: number, lastId: number, limit: number, only?: Residue) {
    return this.#rows<{ id: number; grade: Grade }>(
      // LIMIT is part of the text: drivers send a prepared LIMIT ? as a double, which the server refuses.
      `SELECT id, grade FROM users WHERE id > ? AND id <= ?${ofResidue("id", only)} ORDER BY id LIMIT ${limit}`,
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

  async orderTotals(firstUserId: number, lastUserId: number, window: Window, only?: Residue) {
    const rows = await this.#rows<{ user_id: number; category_id: number; orders: number; amount: string }>(
      `SELECT user_id, category_id, COUNT(*) AS orders, SUM(amount) AS amount FROM orders
       WHERE user_id BETWEEN ? AND ? AND ordered_at >= ? AND ordered_at < ? AND status = 'paid'${ofResidue("user_id", only)}
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

  async badges(firstUserId: number, lastUserId: number, only?: Residue) {
    const rows = await this.#rows<{ user_id: number; category_id: number; active: number }>(
      `SELECT user_id, category_id, active FROM badges WHERE user_id BETWEEN ? AND ?${ofResidue("user_id", only)}`,
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
    if (this.#driver.batch === undefined) throw new Error("the driver offers no statement batches");
    if (paramSets.length > 0) await this.#driver.batch(sql, paramSets);
  }

  async executeMany(sql: string, paramSets: readonly (readonly SqlValue[])[]) {
    await executeInPackets(this, sql, paramSets);
  }

  async executePrepared(sql: string, paramSets: readonly (readonly SqlValue[])[]) {
    for (const params of paramSets) await this.#driver.prepared(sql, params);
  }

  async loadData(table: string, columns: readonly string[], rows: readonly (readonly SqlValue[])[]) {
    if (this.#driver.loadData === undefined) throw new Error("the driver offers no LOAD DATA LOCAL of rows in memory");
    if (rows.length === 0) return;
    const sent = this.#driver.loadData(loadStatement(table, columns, rows), fileOf(rows));
    requireAllStored(table, rows.length, await explainHangUp(rows.length, explainForbidden(sent)));
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
