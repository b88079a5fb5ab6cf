/** MikroORM: its entity manager, with identity map and unit of work, on mysql2. */
import { MikroORM, raw, type EntityManager, type EntityName } from "@mikro-orm/mysql";
import type { Window } from "../../workload/calendar.ts";
import type { InsertRows, InsertTable, UpdateRows, UpdateTable } from "../../workload/tables.ts";
import { explainHangUp, keysIn } from "../hang-up.ts";
import { executeInPackets } from "../many-statements.ts";
import { mysql2Options } from "../mysql2-options.ts";
import { connectionSetup, isUsed, orderTotal, type ConnectOptions, type Filter, type OrmSession, type SqlValue } from "../orm.ts";
import type { Residue } from "../residue.ts";
import { entitiesOf, type Entities } from "./entities.ts";

export async function connect(options: ConnectOptions): Promise<MikroSession> {
  const { host, port, user, password, schema } = options.target;
  const entities = entitiesOf(options.storage);
  const orm = new MikroORM({
    entities: Object.values(entities),
    host,
    port,
    user,
    password,
    dbName: schema,
    pool: { max: options.poolConnections },
    timezone: "Z",
    // By default MikroORM checks for the schema and creates a missing one.
    ensureDatabase: false,
    multipleStatements: isUsed(options, "multi-statements"),
    driverOptions: mysql2Options(options.target),
  });
  const pool = await orm.em.getConnection().getNativeClient();
  // mysql2 sends commands in order, so these statements come before the first statement on the connection.
  pool.on("connection", (connection) => {
    for (const sql of connectionSetup(options)) connection.query(sql);
  });
  return new MikroSession(orm, entities, orm.em.fork());
}

/** MikroORM escapes a Buffer as binary, and any other byte array as text. */
const bindable = (params: readonly SqlValue[]): unknown[] =>
  params.map((value) => (value instanceof Uint8Array ? Buffer.from(value) : value));

type Row = Record<string, unknown>;

/** `object`, because MikroORM's type of a filter has no raw fragment as a key. */
const ofResidue = (column: string, only?: Residue): object =>
  only === undefined ? {} : { [raw("mod(??, ?)", [column, only.divisor])]: only.remainder };

export class MikroSession implements OrmSession {
  readonly em: EntityManager;
  readonly entities: Entities;
  readonly #orm: MikroORM;

  constructor(orm: MikroORM, entities: Entities, em: EntityManager) {
    this.#orm = orm;
    this.entities = entities;
    this.em = em;
  }

  /** An entity with arbitrary properties. The types of `UpdateRows` already check the properties. */
  #entity(table: UpdateTable) {
    return this.entities[table] as EntityName<Row>;
  }

  usersAfter(afterId: number, lastId: number, limit: number, only?: Residue) {
    // Read only: each flush would compare managed entities.
    return this.em.find(
      this.entities.users,
      { id: { $gt: afterId, $lte: lastId }, ...ofResidue("id", only) },
      { fields: ["grade"], orderBy: { id: "asc" }, limit, disableIdentityMap: true },
    );
  }

  async paidOrders(userId: number, window: Window) {
    const orders = await this.em.find(
      this.entities.orders,
      { userId, status: "paid", orderedAt: { $gte: window.from, $lt: window.to } },
      { fields: ["categoryId", "amount"], disableIdentityMap: true },
    );
    return orders.map(({ categoryId, amount }) => ({ categoryId, amountWon: amount }));
  }

  async orderTotals(firstUserId: number, lastUserId: number, window: Window, only?: Residue) {
    const rows = await this.em
      .createQueryBuilder(this.entities.orders)
      .select(["userId", "categoryId", raw("count(*) as orders"), raw("sum(amount) as amount")])
      .where({
        userId: { $gte: firstUserId, $lte: lastUserId },
        ...ofResidue("user_id", only),
        status: "paid",
        orderedAt: { $gte: window.from, $lt: window.to },
      })
      .groupBy(["userId", "categoryId"])
      .execute<{ userId: number; categoryId: number; orders: number; amount: string }[]>();
    return rows.map((row) => orderTotal(row.userId, row.categoryId, row.orders, row.amount));
  }

  badges(firstUserId: number, lastUserId: number, only?: Residue) {
    // Managed, so that a save needs no second read. Refreshed, because otherwise the entities of an earlier attempt would
    // return.
    return this.em.find(
      this.entities.badges,
      { userId: { $gte: firstUserId, $lte: lastUserId }, ...ofResidue("user_id", only) },
      { refresh: true },
    );
  }

  async insertOne<T extends InsertTable>(table: T, row: InsertRows[T]) {
    this.em.create(this.#entity(table), { ...row });
    await this.#flush();
  }

  async insertMany<T extends InsertTable>(table: T, rows: readonly InsertRows[T][]) {
    await explainHangUp(rows.length, this.em.insertMany(this.#entity(table), rows as unknown as Row[]));
  }

  async updateOne<T extends UpdateTable>(table: T, key: UpdateRows[T]["key"], changes: UpdateRows[T]["changes"]) {
    const entity = await this.em.findOneOrFail<Row>(this.#entity(table), { ...key });
    Object.assign(entity, changes);
    await this.#flush();
  }

  async updateWhere<T extends UpdateTable>(table: T, filter: Filter<UpdateRows[T]["key"]>, changes: UpdateRows[T]["changes"]) {
    await explainHangUp(keysIn(filter), this.em.nativeUpdate<Row>(this.#entity(table), { ...filter }, changes), "keys");
  }

  /**
   * Clears the entity manager after a failed flush. Its managed entities are undefined then, and the next attempt must not
   * use them.
   */
  async #flush() {
    try {
      await this.em.flush();
    } catch (error) {
      this.em.clear();
      throw error;
    }
  }

  async execute(sql: string, params: readonly SqlValue[]) {
    await explainHangUp(params.length, this.em.execute(sql, bindable(params), "run"), "values");
  }

  async executeMany(sql: string, paramSets: readonly (readonly SqlValue[])[]) {
    await executeInPackets(this, sql, paramSets);
  }

  query(sql: string, params: readonly SqlValue[]) {
    return this.em.execute<Record<string, unknown>[]>(sql, bindable(params));
  }

  /** Each call has its own entity manager, so that an attempt does not see entities of a rolled-back attempt. */
  transaction<T>(work: (session: MikroSession) => Promise<T>): Promise<T> {
    return this.#orm.em.transactional((em) => work(new MikroSession(this.#orm, this.entities, em)));
  }

  clear() {
    this.em.clear();
  }

  async [Symbol.asyncDispose]() {
    await this.#orm.close();
  }
}
