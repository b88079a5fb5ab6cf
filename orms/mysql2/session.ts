/** The raw driver: SQL by hand. Single rows by `execute` (prepared), many rows by `query` with nested arrays. */
import { createPool, type Pool, type PoolConnection, type RowDataPacket } from "mysql2/promise";
import type { Window } from "../../workload/calendar.ts";
import {
  insertColumns,
  tableName,
  type Grade,
  type InsertRows,
  type InsertTable,
  type KeyStorage,
  type UpdateRows,
  type UpdateTable,
} from "../../workload/tables.ts";
import type { ConnectOptions, Filter, OrmSession, SqlValue } from "../orm.ts";

const COLUMN: Readonly<Record<string, string>> = {
  id: "id",
  userId: "user_id",
  categoryId: "category_id",
  grade: "grade",
  gradeChangedAt: "grade_changed_at",
  active: "active",
  changedAt: "changed_at",
};

const assignments = (values: object): string =>
  Object.keys(values)
    .map((property) => `${COLUMN[property]} = ?`)
    .join(", ");

export async function connect({ target, storage, poolConnections }: ConnectOptions): Promise<OrmSession> {
  const { host, port, user, password, schema } = target;
  const pool = createPool({ host, port, user, password, database: schema, connectionLimit: poolConnections, timezone: "Z" });
  return new Mysql2Session(pool, storage);
}

class Mysql2Session implements OrmSession {
  readonly #db: Pool | PoolConnection;
  readonly #storage: KeyStorage;

  constructor(db: Pool | PoolConnection, storage: KeyStorage) {
    this.#db = db;
    this.#storage = storage;
  }

  async #rows<Row>(sql: string, params: SqlValue[]): Promise<Row[]> {
    const [rows] = await this.#db.execute<RowDataPacket[]>(sql, params);
    return rows as Row[];
  }

  usersAfter(afterId: number, lastId: number, limit: number) {
    return this.#rows<{ id: number; grade: Grade }>(
      // LIMIT inlined: a prepared LIMIT ? wants a string from this driver
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
    const marks = names.map(() => "?").join(", ");
    await this.#db.execute(
      `INSERT INTO ${tableName(table, this.#storage)} (${names.join(", ")}) VALUES (${marks})`,
      values(row) as SqlValue[],
    );
  }

  async insertMany<T extends InsertTable>(table: T, rows: readonly InsertRows[T][]) {
    if (rows.length === 0) return;
    const { names, values } = insertColumns(table, this.#storage);
    await this.#db.query(`INSERT INTO ${tableName(table, this.#storage)} (${names.join(", ")}) VALUES ?`, [rows.map(values)]);
  }

  async updateOne<T extends UpdateTable>(table: T, key: UpdateRows[T]["key"], changes: UpdateRows[T]["changes"]) {
    const where = Object.keys(key)
      .map((property) => `${COLUMN[property]} = ?`)
      .join(" AND ");
    await this.#db.execute(`UPDATE ${table} SET ${assignments(changes)} WHERE ${where}`, [
      ...Object.values(changes),
      ...Object.values(key),
    ] as SqlValue[]);
  }

  async updateWhere<T extends UpdateTable>(table: T, filter: Filter<UpdateRows[T]["key"]>, changes: UpdateRows[T]["changes"]) {
    const where = Object.keys(filter)
      .map((property) => `${COLUMN[property]} IN (?)`)
      .join(" AND ");
    await this.#db.query(`UPDATE ${table} SET ${assignments(changes)} WHERE ${where}`, [
      ...Object.values(changes),
      ...Object.values(filter),
    ]);
  }

  async execute(sql: string, params: readonly SqlValue[]) {
    await this.#db.query(sql, params as SqlValue[]);
  }

  async query(sql: string, params: readonly SqlValue[]) {
    const [rows] = await this.#db.query<RowDataPacket[]>(sql, params as SqlValue[]);
    return rows;
  }

  async transaction<T>(work: (session: OrmSession) => Promise<T>): Promise<T> {
    if (!("getConnection" in this.#db)) throw new Error("a transaction inside a transaction");
    const connection = await this.#db.getConnection();
    try {
      await connection.beginTransaction();
      const result = await work(new Mysql2Session(connection, this.#storage));
      await connection.commit();
      return result;
    } catch (error) {
      // on a dead connection the rollback fails too; the error that says why is the first one
      await connection.rollback().catch(() => undefined);
      throw error;
    } finally {
      connection.release();
    }
  }

  clear() {}

  async [Symbol.asyncDispose]() {
    if ("getConnection" in this.#db) await this.#db.end();
  }
}
