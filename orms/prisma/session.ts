/** Prisma: its model interface on the mariadb driver adapter. */
import { PrismaMariaDb } from "@prisma/adapter-mariadb";
import { mariadbTls } from "../../lib/tls.ts";
import type { Window } from "../../workload/calendar.ts";
import type { Grade, InsertRows, InsertTable, KeyStorage, UpdateRows, UpdateTable } from "../../workload/tables.ts";
import { explainHangUp, keysIn } from "../hang-up.ts";
import { connectionSetup, type ConnectOptions, type Filter, type OrmSession, type SqlValue } from "../orm.ts";
import { PrismaClient, type Prisma } from "./generated/client.ts";
import { orm } from "./index.ts";

const TRANSACTION_TIMEOUT_MS = Number(orm.settings.transactionTimeoutMs);

export async function connect(options: ConnectOptions): Promise<OrmSession> {
  const { target, storage } = options;
  const { host, port, user, password, schema } = target;
  const adapter = new PrismaMariaDb(
    {
      host,
      port,
      user,
      password,
      database: schema,
      connectionLimit: options.poolConnections,
      initSql: connectionSetup(options),
      // without TLS, caching_sha2_password otherwise ends in a misleading pool time-out
      allowPublicKeyRetrieval: true,
      ...mariadbTls(target),
    },
    { database: schema, useTextProtocol: options.statements === "text" },
  );
  const client = new PrismaClient({ adapter });
  await client.$connect();
  return new PrismaSession(client, storage, client);
}

type Db = Prisma.TransactionClient;

/** The part of a model's delegate that the growing tables share; ids are left to the server where it numbers the rows. */
interface GrowingDelegate<Row> {
  create(args: { data: Row }): PromiseLike<unknown>;
  createMany(args: { data: Row[] }): PromiseLike<unknown>;
}

function growing<T extends InsertTable>(db: Db, table: T, storage: KeyStorage): GrowingDelegate<InsertRows[T]> {
  const delegates = {
    gradeLogs: { identity: db.gradeLogIdentity, bin16: db.gradeLogBin16 },
    couponIssues: { identity: db.couponIssueIdentity, bin16: db.couponIssueBin16 },
  };
  return delegates[table][storage] as unknown as GrowingDelegate<InsertRows[T]>;
}

/** What an update needs of any model's delegate. */
interface UpdatableDelegate {
  update(args: { where: object; data: object }): PromiseLike<unknown>;
  updateMany(args: { where: object; data: object }): PromiseLike<unknown>;
}

function updatable(db: Db, table: UpdateTable, storage: KeyStorage): UpdatableDelegate {
  const delegate = table === "users" ? db.user : table === "badges" ? db.badge : growing(db, table, storage);
  return delegate as unknown as UpdatableDelegate;
}

/** A row by its key, as Prisma names it: `{ id: 1 }`, or `{ userId_categoryId: { userId: 1, categoryId: 2 } }` */
function unique(key: object): object {
  const properties = Object.keys(key);
  return properties.length === 1 ? key : { [properties.join("_")]: key };
}

/** `{ userId: [1, 2] }` -> `{ userId: { in: [1, 2] } }` */
function where(filter: object): object {
  return Object.fromEntries(
    Object.entries(filter).map(([property, wanted]) => [property, Array.isArray(wanted) ? { in: wanted } : wanted]),
  );
}

class PrismaSession implements OrmSession {
  readonly #db: Db;
  readonly #storage: KeyStorage;
  readonly #client: PrismaClient | undefined;

  constructor(db: Db, storage: KeyStorage, client?: PrismaClient) {
    this.#db = db;
    this.#storage = storage;
    this.#client = client;
  }

  async usersAfter(afterId: number, lastId: number, limit: number) {
    const rows = await this.#db.user.findMany({
      where: { id: { gt: afterId, lte: lastId } },
      select: { id: true, grade: true },
      orderBy: { id: "asc" },
      take: limit,
    });
    return rows.map((row) => ({ id: row.id, grade: row.grade as Grade }));
  }

  async paidOrders(userId: number, window: Window) {
    const rows = await this.#db.order.findMany({
      where: { userId, status: "paid", orderedAt: { gte: window.from, lt: window.to } },
      select: { categoryId: true, amount: true },
    });
    return rows.map((row) => ({ categoryId: row.categoryId, amountWon: row.amount.toNumber() }));
  }

  async orderTotals(firstUserId: number, lastUserId: number, window: Window) {
    const rows = await this.#db.order.groupBy({
      by: ["userId", "categoryId"],
      where: { userId: { gte: firstUserId, lte: lastUserId }, status: "paid", orderedAt: { gte: window.from, lt: window.to } },
      _count: true,
      _sum: { amount: true },
    });
    return rows.map((row) => ({
      userId: row.userId,
      categoryId: row.categoryId,
      orders: row._count,
      amountWon: row._sum.amount?.toNumber() ?? 0,
    }));
  }

  badges(firstUserId: number, lastUserId: number) {
    return this.#db.badge.findMany({
      where: { userId: { gte: firstUserId, lte: lastUserId } },
      select: { userId: true, categoryId: true, active: true },
    });
  }

  async insertOne<T extends InsertTable>(table: T, row: InsertRows[T]) {
    await growing(this.#db, table, this.#storage).create({ data: row });
  }

  async insertMany<T extends InsertTable>(table: T, rows: readonly InsertRows[T][]) {
    if (rows.length === 0) return;
    await explainHangUp(rows.length, growing(this.#db, table, this.#storage).createMany({ data: [...rows] }));
  }

  async updateOne<T extends UpdateTable>(table: T, key: UpdateRows[T]["key"], changes: UpdateRows[T]["changes"]) {
    await updatable(this.#db, table, this.#storage).update({ where: unique(key), data: changes });
  }

  async updateWhere<T extends UpdateTable>(table: T, filter: Filter<UpdateRows[T]["key"]>, changes: UpdateRows[T]["changes"]) {
    const update = updatable(this.#db, table, this.#storage).updateMany({ where: where(filter), data: changes });
    await explainHangUp(keysIn(filter), update, "keys");
  }

  async execute(sql: string, params: readonly SqlValue[]) {
    await explainHangUp(params.length, this.#db.$executeRawUnsafe(sql, ...params), "values");
  }

  query(sql: string, params: readonly SqlValue[]) {
    return this.#db.$queryRawUnsafe<Record<string, unknown>[]>(sql, ...params);
  }

  transaction<T>(work: (session: OrmSession) => Promise<T>): Promise<T> {
    if (this.#client === undefined) throw new Error("a transaction inside a transaction");
    // the default of 5 s would end a large chunk on a slow server
    return this.#client.$transaction((tx) => work(new PrismaSession(tx, this.#storage)), {
      timeout: TRANSACTION_TIMEOUT_MS,
      maxWait: TRANSACTION_TIMEOUT_MS,
    });
  }

  clear() {}

  async [Symbol.asyncDispose]() {
    await this.#client?.$disconnect();
  }
}
