/** Sequelize: its models on mysql2. */
import type { Connection } from "mysql2";
import { col, fn, Op, QueryTypes, Sequelize, type FindOptions, type Model, type ModelStatic, type Transaction } from "sequelize";
import type { Window } from "../../workload/calendar.ts";
import type {
  BadgeState,
  InsertRows,
  InsertTable,
  OrderTotal,
  UpdateRows,
  UpdateTable,
  UserState,
} from "../../workload/tables.ts";
import { explainHangUp, keysIn } from "../hang-up.ts";
import { executeInPackets } from "../many-statements.ts";
import { mysql2Options } from "../mysql2-options.ts";
import { connectionSetup, isUsed, orderTotal, type ConnectOptions, type Filter, type OrmSession, type SqlValue } from "../orm.ts";
import type { Residue } from "../residue.ts";
import { defineModels, type Models } from "./models.ts";
import { ofResidue } from "./of-residue.ts";
import { settings, tuned } from "./settings.ts";

export async function connect(options: ConnectOptions): Promise<SequelizeSession> {
  const { host, port, user, password, schema } = options.target;
  const sequelize = new Sequelize(schema, user, password, {
    dialect: "mysql",
    host,
    port,
    timezone: "+00:00",
    logging: false,
    pool: { max: options.poolConnections, min: options.poolConnections },
    dialectOptions: {
      ...mysql2Options(options.target),
      maxPreparedStatements: (options.isTuned === true ? tuned : settings).maxPreparedStatements,
      multipleStatements: isUsed(options, "multi-statements"),
    },
    define: { timestamps: false, underscored: true },
  });
  sequelize.addHook("afterConnect", (handle) => {
    const connection = handle as Connection;
    // mysql2 sends commands in order, so these statements come before the first statement on the connection.
    for (const sql of connectionSetup(options)) connection.query(sql);
    // Sequelize has no option against prepared statements.
    if (options.statements === "text") connection.execute = connection.query.bind(connection) as typeof connection.execute;
  });
  return new SequelizeSession(sequelize, defineModels(sequelize, options.storage));
}

/** Sequelize escapes only a Buffer as binary. */
const bytes = (value: Uint8Array<ArrayBuffer>): Buffer => Buffer.from(value.buffer, value.byteOffset, value.byteLength);

const rowOf = (row: InsertRows[InsertTable]): Record<string, unknown> =>
  row.id instanceof Uint8Array ? { ...row, id: bytes(row.id) } : { ...row };

/** In hand-written SQL, Sequelize writes a Date in local time and without its fraction of a second. */
function replacementOf(value: SqlValue): unknown {
  if (value instanceof Date) return value.toISOString().replace("T", " ").replace("Z", "");
  return value instanceof Uint8Array ? bytes(value) : value;
}

/** Adds the driver's error as the cause, where `explainHangUp` and readers of the error find it. */
async function withCause<T>(sent: Promise<T>): Promise<T> {
  try {
    return await sent;
  } catch (error) {
    if (error instanceof Error && "parent" in error) error.cause ??= error.parent;
    throw error;
  }
}

const paidIn = ({ from, to }: Window) => ({ status: "paid", orderedAt: { [Op.gte]: from, [Op.lt]: to } });

export class SequelizeSession implements OrmSession {
  readonly models: Models;
  /** the options by which a call joins the transaction of this session */
  readonly within: { readonly transaction?: Transaction };
  readonly #sequelize: Sequelize;

  constructor(sequelize: Sequelize, models: Models, within: SequelizeSession["within"] = {}) {
    this.#sequelize = sequelize;
    this.models = models;
    this.within = within;
  }

  async #find<Row>(model: ModelStatic<Model>, options: FindOptions): Promise<Row[]> {
    const rows: unknown[] = await model.findAll({ ...options, raw: true, ...this.within });
    return rows as Row[];
  }

  usersAfter(afterId: number, lastId: number, limit: number, only?: Residue) {
    const where = { id: { [Op.gt]: afterId, [Op.lte]: lastId }, ...ofResidue("id", only) };
    return this.#find<UserState>(this.models.users, { attributes: ["id", "grade"], where, order: ["id"], limit });
  }

  async paidOrders(userId: number, window: Window) {
    const rows = await this.#find<{ categoryId: number; amount: string }>(this.models.orders, {
      attributes: ["categoryId", "amount"],
      where: { userId, ...paidIn(window) },
    });
    return rows.map(({ categoryId, amount }) => ({ categoryId, amountWon: Number(amount) }));
  }

  async orderTotals(firstUserId: number, lastUserId: number, window: Window, only?: Residue) {
    const rows = await this.#find<Omit<OrderTotal, "amountWon"> & { total: string }>(this.models.orders, {
      attributes: ["userId", "categoryId", [fn("COUNT", col("*")), "orders"], [fn("SUM", col("amount")), "total"]],
      where: { userId: { [Op.between]: [firstUserId, lastUserId] }, ...ofResidue("user_id", only), ...paidIn(window) },
      group: ["userId", "categoryId"],
    });
    return rows.map((row) => orderTotal(row.userId, row.categoryId, row.orders, row.total));
  }

  async badges(firstUserId: number, lastUserId: number, only?: Residue) {
    const rows = await this.#find<Omit<BadgeState, "active"> & { active: number }>(this.models.badges, {
      attributes: ["userId", "categoryId", "active"],
      where: { userId: { [Op.between]: [firstUserId, lastUserId] }, ...ofResidue("user_id", only) },
    });
    return rows.map(({ userId, categoryId, active }) => ({ userId, categoryId, active: active === 1 }));
  }

  async insertOne<T extends InsertTable>(table: T, row: InsertRows[T]) {
    await this.models[table].create(rowOf(row), this.within);
  }

  async insertMany<T extends InsertTable>(table: T, rows: readonly InsertRows[T][]) {
    await explainHangUp(rows.length, withCause(this.models[table].bulkCreate(rows.map(rowOf), this.within)));
  }

  async updateOne<T extends UpdateTable>(table: T, key: UpdateRows[T]["key"], changes: UpdateRows[T]["changes"]) {
    await this.models[table].update(changes, { where: key, ...this.within });
  }

  async updateWhere<T extends UpdateTable>(table: T, filter: Filter<UpdateRows[T]["key"]>, changes: UpdateRows[T]["changes"]) {
    const update = this.models[table].update(changes, { where: { ...filter }, ...this.within });
    await explainHangUp(keysIn(filter), withCause(update), "keys");
  }

  readonly executeMany: NonNullable<OrmSession["executeMany"]> = (sql, paramSets) => executeInPackets(this, sql, paramSets);

  async execute(sql: string, params: readonly SqlValue[]) {
    const run = this.#sequelize.query(sql, { replacements: params.map(replacementOf), ...this.within });
    await explainHangUp(params.length, withCause(run), "values");
  }

  query(sql: string, params: readonly SqlValue[]) {
    const options = { type: QueryTypes.SELECT as const, replacements: params.map(replacementOf), ...this.within };
    return this.#sequelize.query<Record<string, unknown>>(sql, options);
  }

  transaction<T>(work: (session: SequelizeSession) => Promise<T>): Promise<T> {
    return this.#sequelize.transaction((transaction) =>
      work(new SequelizeSession(this.#sequelize, this.models, { transaction })),
    );
  }

  clear() {}

  async [Symbol.asyncDispose]() {
    await this.#sequelize.close();
  }
}
