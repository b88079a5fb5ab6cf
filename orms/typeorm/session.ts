/** TypeORM: its entity manager on mysql2. */
import mysql2 from "mysql2";
import { And, DataSource, In, LessThan, MoreThanOrEqual } from "typeorm";
import type { EntityManager, EntitySchema, ObjectLiteral } from "typeorm";
import type { Window } from "../../workload/calendar.ts";
import type { InsertRows, InsertTable, UpdateRows, UpdateTable } from "../../workload/tables.ts";
import { explainHangUp, keysIn } from "../hang-up.ts";
import { executeInPackets } from "../many-statements.ts";
import { mysql2Options } from "../mysql2-options.ts";
import { connectionSetup, isUsed, orderTotal, type ConnectOptions, type Filter, type OrmSession, type SqlValue } from "../orm.ts";
import type { Residue } from "../residue.ts";
import { entitiesOf, type Entities } from "./entities.ts";
import { usersIn } from "./users-in.ts";

export async function connect(options: ConnectOptions): Promise<TypeormSession> {
  const { host, port, user, password, schema } = options.target;
  const entities = entitiesOf(options.storage);
  const source = new DataSource({
    type: "mysql",
    driver: driverWith(connectionSetup(options)),
    host,
    port,
    username: user,
    password,
    database: schema,
    poolSize: options.poolConnections,
    timezone: "Z",
    multipleStatements: isUsed(options, "multi-statements"),
    entities: Object.values(entities),
    extra: mysql2Options(options.target),
  });
  await source.initialize();
  return new TypeormSession(source, source.manager, entities);
}

/** TypeORM opens its first connection inside `initialize`, so a listener on its pool would come too late. */
const driverWith = (setup: readonly string[]) => ({
  ...mysql2,
  createPool(config: mysql2.PoolOptions) {
    const pool = mysql2.createPool(config);
    // mysql2 sends commands in order, so these statements come before the first statement on the connection.
    pool.on("connection", (connection) => {
      for (const sql of setup) connection.query(sql);
    });
    return pool;
  },
});

/** `{ userId: [1, 2] }` -> `{ userId: In([1, 2]) }` */
function where(filter: object): ObjectLiteral {
  return Object.fromEntries(
    Object.entries(filter).map(([property, wanted]) => [property, Array.isArray(wanted) ? In(wanted) : wanted]),
  );
}

const paidIn = ({ from, to }: Window) => ({ status: "paid", orderedAt: And(MoreThanOrEqual(from), LessThan(to)) });

export class TypeormSession implements OrmSession {
  readonly manager: EntityManager;
  readonly entities: Entities;
  readonly #source: DataSource;

  constructor(source: DataSource, manager: EntityManager, entities: Entities) {
    this.#source = source;
    this.manager = manager;
    this.entities = entities;
  }

  /** An entity with arbitrary properties. The types of `InsertRows` and `UpdateRows` already check the properties. */
  #entity(table: UpdateTable) {
    return this.entities[table] as unknown as EntitySchema<ObjectLiteral>;
  }

  usersAfter(afterId: number, lastId: number, limit: number, only?: Residue) {
    return this.manager.find(this.entities.users, {
      select: { id: true, grade: true },
      where: { id: usersIn(afterId + 1, lastId, only) },
      order: { id: "ASC" },
      take: limit,
    });
  }

  async paidOrders(userId: number, window: Window) {
    const orders = await this.manager.find(this.entities.orders, {
      select: { categoryId: true, amount: true },
      where: { userId, ...paidIn(window) },
    });
    return orders.map(({ categoryId, amount }) => ({ categoryId, amountWon: Number(amount) }));
  }

  async orderTotals(firstUserId: number, lastUserId: number, window: Window, only?: Residue) {
    const rows = await this.manager
      .createQueryBuilder(this.entities.orders, "paid")
      .select(["paid.userId AS userId", "paid.categoryId AS categoryId", "COUNT(*) AS orders", "SUM(paid.amount) AS amount"])
      .where({ userId: usersIn(firstUserId, lastUserId, only), ...paidIn(window) })
      .groupBy("paid.userId, paid.categoryId")
      .getRawMany<{ userId: number; categoryId: number; orders: string; amount: string }>();
    return rows.map((row) => orderTotal(row.userId, row.categoryId, row.orders, row.amount));
  }

  badges(firstUserId: number, lastUserId: number, only?: Residue) {
    return this.manager.find(this.entities.badges, {
      select: { userId: true, categoryId: true, active: true },
      where: { userId: usersIn(firstUserId, lastUserId, only) },
    });
  }

  async insertOne<T extends InsertTable>(table: T, row: InsertRows[T]) {
    // A copy, because TypeORM writes the generated key into the entity. A retry would insert this key again.
    if (row.id === undefined) await this.manager.save(this.#entity(table), { ...row });
    else await this.manager.insert(this.#entity(table), { ...row });
  }

  async insertMany<T extends InsertTable>(table: T, rows: readonly InsertRows[T][]) {
    const insert = this.manager.createQueryBuilder().insert().into(this.#entity(table)).values(rows);
    await explainHangUp(rows.length, insert.updateEntity(false).execute());
  }

  async updateOne<T extends UpdateTable>(table: T, key: UpdateRows[T]["key"], changes: UpdateRows[T]["changes"]) {
    const entity = await this.manager.findOneByOrFail(this.#entity(table), key);
    await this.manager.save(this.#entity(table), Object.assign(entity, changes));
  }

  async updateWhere<T extends UpdateTable>(table: T, filter: Filter<UpdateRows[T]["key"]>, changes: UpdateRows[T]["changes"]) {
    await explainHangUp(keysIn(filter), this.manager.update(this.#entity(table), where(filter), changes), "keys");
  }

  readonly executeMany: NonNullable<OrmSession["executeMany"]> = (sql, paramSets) => executeInPackets(this, sql, paramSets);

  async execute(sql: string, params: readonly SqlValue[]) {
    await explainHangUp(params.length, this.manager.query(sql, [...params]), "values");
  }

  query(sql: string, params: readonly SqlValue[]): Promise<Record<string, unknown>[]> {
    return this.manager.query(sql, [...params]);
  }

  transaction<T>(work: (session: TypeormSession) => Promise<T>): Promise<T> {
    return this.#source.transaction((manager) => work(new TypeormSession(this.#source, manager, this.entities)));
  }

  clear() {}

  async [Symbol.asyncDispose]() {
    await this.#source.destroy();
  }
}
