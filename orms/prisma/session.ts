/** Prisma: its model interface on the mariadb driver adapter. */
import { PrismaMariaDb } from "@prisma/adapter-mariadb";
import { mariadbTls } from "../../lib/tls.ts";
import type { Window } from "../../workload/calendar.ts";
import type { InsertRows, InsertTable, KeyStorage, UpdateRows, UpdateTable, UserState } from "../../workload/tables.ts";
import { explainHangUp, keysIn } from "../hang-up.ts";
import { CONNECT_TIMEOUTS } from "../connect-timeouts.ts";
import { executeInTurn } from "../many-statements.ts";
import { connectionSetup, isUsed, orderTotal, type ConnectOptions, type Filter, type OrmSession, type SqlValue } from "../orm.ts";
import type { Residue } from "../residue.ts";
import { PrismaClient } from "./generated/client.ts";
import { modelsOf, type Db, type Models } from "./models.ts";
import { settings, tuned } from "./settings.ts";
import { explainTimeout } from "./timeout.ts";
import { idsOf, unique, usersIn, where } from "./where.ts";

export async function connect(options: ConnectOptions): Promise<PrismaSession> {
  const limits = options.isTuned === true ? tuned : settings;
  const { host, port, user, password, schema: database } = options.target;
  const connected = await new PrismaMariaDb(
    {
      host,
      port,
      user,
      password,
      database,
      connectionLimit: options.poolConnections,
      connectTimeout: CONNECT_TIMEOUTS.mariadb.ms,
      initSql: connectionSetup(options),
      // With the adapter's default of 0, the server would prepare the statement again for each row.
      prepareCacheLength: options.isTuned === true || isUsed(options, "prepared-statements") ? tuned.prepareCacheLength : 0,
      // Without TLS and without this option, caching_sha2_password ends in a misleading pool timeout.
      allowPublicKeyRetrieval: true,
      ...mariadbTls(options.target),
    },
    { database, useTextProtocol: options.statements === "text" },
  ).connect();
  const clientOptions: Root["clientOptions"] = {
    // The adapter is already connected, so that a second client can share its connections.
    adapter: { provider: "mysql", adapterName: connected.adapterName, connect: async () => connected },
    transactionOptions: { timeout: limits.transactionTimeoutMs, maxWait: limits.transactionMaxWaitMs },
  };
  const client = new PrismaClient(clientOptions);
  await client.$connect();
  return new PrismaSession(client, options.storage, { client, clientOptions });
}

/** Objects that a session opens once and not for each transaction. */
interface Root {
  readonly client: PrismaClient;
  readonly clientOptions: ConstructorParameters<typeof PrismaClient>[0];
}

export class PrismaSession implements OrmSession {
  readonly storage: KeyStorage;
  /** undefined inside a transaction */
  readonly root: Root | undefined;
  readonly #db: Db;
  readonly #models: Models;

  constructor(db: Db, storage: KeyStorage, root?: Root) {
    this.storage = storage;
    this.root = root;
    this.#db = db;
    this.#models = modelsOf(db, storage);
  }

  async usersAfter(afterId: number, lastId: number, limit: number, only?: Residue): Promise<UserState[]> {
    const rows = await this.#db.user.findMany({
      where: { id: only === undefined ? { gt: afterId, lte: lastId } : { in: idsOf(afterId + 1, lastId, only, limit) } },
      select: { id: true, grade: true },
      orderBy: { id: "asc" },
      take: limit,
    });
    const searchedId = afterId + limit * (only?.divisor ?? 0);
    // a list of ids that no user has is no end of the users
    if (rows.length === 0 && only !== undefined && searchedId < lastId) return this.usersAfter(searchedId, lastId, limit, only);
    return rows as UserState[];
  }

  async paidOrders(userId: number, window: Window) {
    const rows = await this.#db.order.findMany({
      where: { userId, status: "paid", orderedAt: { gte: window.from, lt: window.to } },
      select: { categoryId: true, amount: true },
    });
    return rows.map((row) => ({ categoryId: row.categoryId, amountWon: row.amount.toNumber() }));
  }

  async orderTotals(firstUserId: number, lastUserId: number, window: Window, only?: Residue) {
    const rows = await this.#db.order.groupBy({
      by: ["userId", "categoryId"],
      where: { userId: usersIn(firstUserId, lastUserId, only), status: "paid", orderedAt: { gte: window.from, lt: window.to } },
      _count: true,
      _sum: { amount: true },
    });
    return rows.map((row) => orderTotal(row.userId, row.categoryId, row._count, row._sum.amount?.toNumber() ?? 0));
  }

  badges(firstUserId: number, lastUserId: number, only?: Residue) {
    return this.#db.badge.findMany({
      where: { userId: usersIn(firstUserId, lastUserId, only) },
      select: { userId: true, categoryId: true, active: true },
    });
  }

  async insertOne<T extends InsertTable>(table: T, row: InsertRows[T]) {
    await this.#models[table].create({ data: row });
  }

  async insertMany<T extends InsertTable>(table: T, rows: readonly InsertRows[T][]) {
    if (rows.length > 0) await explainHangUp(rows.length, this.#models[table].createMany({ data: rows }));
  }

  async updateOne<T extends UpdateTable>(table: T, key: UpdateRows[T]["key"], changes: UpdateRows[T]["changes"]) {
    await this.#models[table].update({ where: unique(key), data: changes });
  }

  async updateWhere<T extends UpdateTable>(table: T, filter: Filter<UpdateRows[T]["key"]>, changes: UpdateRows[T]["changes"]) {
    const update = this.#models[table].updateMany({ where: where(filter), data: changes });
    await explainHangUp(keysIn(filter), update, "keys");
  }

  async execute(sql: string, params: readonly SqlValue[]) {
    await explainHangUp(params.length, this.#db.$executeRawUnsafe(sql, ...params), "values");
  }

  async executePrepared(sql: string, paramSets: readonly (readonly SqlValue[])[]) {
    await executeInTurn(this, sql, paramSets);
  }

  query(sql: string, params: readonly SqlValue[]) {
    return this.#db.$queryRawUnsafe<Record<string, unknown>[]>(sql, ...params);
  }

  transaction<T>(work: (session: OrmSession) => Promise<T>): Promise<T> {
    if (this.root === undefined) throw new Error("a session cannot start a transaction inside a transaction");
    return this.root.client.$transaction((tx) => work(new PrismaSession(tx, this.storage))).catch(explainTimeout);
  }

  clear() {}

  async [Symbol.asyncDispose]() {
    await this.root?.client.$disconnect();
  }
}
