/**
 * The interface for an ORM, query builder or driver. One folder per library implements it, and no other code in the project
 * names a library. Libraries declare their differences (class, driver, capabilities).
 */
import type { Window } from "../workload/calendar.ts";
import type {
  BadgeState,
  InsertRows,
  InsertTable,
  KeyStorage,
  OrderTotal,
  PaidOrder,
  UpdateRows,
  UpdateTable,
  UserState,
} from "../workload/tables.ts";
import type { Residue } from "./residue.ts";
import type { ConnectionTarget } from "../lib/target.ts";

/** `raw`: hand-written SQL on a driver. `query-builder`: typed SQL, no entities. `full`: models, relations, generated SQL. */
type OrmClass = "raw" | "query-builder" | "full";

/** The level of a library's interface that a cell uses. `raw-sql` measures the library's driver more than the library. */
export type ApiLevel = "native" | "builder" | "raw-sql";

/** Features of libraries. A strategy lists the capabilities that it requires, and `bench` skips the cell if one is missing. */
export const CAPABILITIES = [
  /** one statement that inserts many rows */
  "bulk-insert",
  /** one statement that sets the same values in many rows */
  "bulk-update",
  /** one statement with many parameter sets, sent without a wait for each answer, like JDBC batches */
  "statement-batch",
  /** many statements in one packet */
  "multi-statements",
  /** one statement that the server prepares once and executes for many parameter sets */
  "prepared-statements",
  /** LOAD DATA LOCAL of rows that the client holds in memory */
  "load-data",
  /** detects changes of loaded entities and writes them in a flush; techniques that need it are native variants */
  "unit-of-work",
  /** any SQL statement with parameters */
  "raw-sql",
  /** hand-written SQL is the native use of this library, so `bench` measures server-side SQL through it */
  "server-side",
] as const;
export type Capability = (typeof CAPABILITIES)[number];

export type SqlValue = number | string | boolean | Date | Uint8Array<ArrayBuffer> | null;

/** In SQL terms, as in options and records. */
export const ISOLATIONS = ["read-uncommitted", "read-committed", "repeatable-read", "serializable"] as const;
export type Isolation = (typeof ISOLATIONS)[number];

/** The connection settings; the same for every library of a matched comparison. */
export interface ConnectionPolicy {
  /** connections that the pool may open; the harness opens all of them before the clock starts */
  readonly poolConnections: number;
  /** transaction isolation of every connection; null: the server's default */
  readonly isolation: Isolation | null;
  /** `library`: the library decides whether it prepares statements. `text`: no prepared statements */
  readonly statements: "library" | "text";
  /** whether the session applies `tuned` of the library; absent: no */
  readonly isTuned?: boolean;
}

export interface ConnectOptions extends ConnectionPolicy {
  readonly target: ConnectionTarget;
  /** the storage of the growing tables that the session writes to */
  readonly storage: KeyStorage;
  /**
   * The capabilities that the technique requires. A library enables here what it keeps off by default, so that other techniques
   * run with its defaults. Absent: none.
   */
  readonly uses?: readonly Capability[];
}

/** @returns true if the technique requires the capability */
export const isUsed = ({ uses = [] }: ConnectOptions, capability: Capability): boolean => uses.includes(capability);

/** Written out: a copy by the rest of an object takes 12 to 16 % of the CPU time of this read, which has thousands of rows. */
export const orderTotal = (userId: number, categoryId: number, orders: number | string, amount: number | string): OrderTotal => ({
  userId,
  categoryId,
  orders: Number(orders),
  amountWon: Number(amount),
});

/** The statements that a session must send on each new connection to apply the policy. */
export function connectionSetup({ isolation }: ConnectionPolicy): string[] {
  return isolation === null ? [] : [`SET SESSION TRANSACTION ISOLATION LEVEL ${isolation.replace("-", " ").toUpperCase()}`];
}

/**
 * The reads and writes of the job, as an application would write them with the library. A session without `only` costs time and no
 * correctness: techniques drop the other users.
 */
export interface OrmSession extends AsyncDisposable {
  /** Users with `afterId < id <= lastId` in id order, at most `limit`. @param only absent: all users of the span */
  usersAfter(afterId: number, lastId: number, limit: number, only?: Residue): Promise<UserState[]>;
  /** One user's paid orders inside the window, row by row. */
  paidOrders(userId: number, window: Window): Promise<PaidOrder[]>;
  /** Paid orders inside the window per user and category, for users `firstUserId..lastUserId`, summed by the server. */
  orderTotals(firstUserId: number, lastUserId: number, window: Window, only?: Residue): Promise<OrderTotal[]>;
  /** All badge rows of users `firstUserId..lastUserId`. */
  badges(firstUserId: number, lastUserId: number, only?: Residue): Promise<BadgeState[]>;

  /** Inserts one row, in the way of the library's getting-started page. A duplicate is an error. */
  insertOne<T extends InsertTable>(table: T, row: InsertRows[T]): Promise<void>;
  /** Inserts many rows with the library's bulk interface, in as few statements as possible. A duplicate is an error. */
  insertMany<T extends InsertTable>(table: T, rows: readonly InsertRows[T][]): Promise<void>;
  /** Updates one row by its key. */
  updateOne<T extends UpdateTable>(table: T, key: UpdateRows[T]["key"], changes: UpdateRows[T]["changes"]): Promise<void>;
  /** Sets the same values in every row that the filter selects: each property equals a value, or one of a list. */
  updateWhere<T extends UpdateTable>(
    table: T,
    filter: Filter<UpdateRows[T]["key"]>,
    changes: UpdateRows[T]["changes"],
  ): Promise<void>;

  /** Runs one statement for each parameter set, with the driver's own batching. Only with the capability `statement-batch`. */
  executeBatch?(sql: string, paramSets: readonly (readonly SqlValue[])[]): Promise<void>;
  /** Runs one statement for each parameter set, many in one packet. Only with the capability `multi-statements`. */
  executeMany?(sql: string, paramSets: readonly (readonly SqlValue[])[]): Promise<void>;
  /**
   * Runs one statement for each parameter set, one after the other. The server prepares it once per connection. Only with the
   * capability `prepared-statements`.
   */
  executePrepared?(sql: string, paramSets: readonly (readonly SqlValue[])[]): Promise<void>;
  /**
   * Inserts rows with LOAD DATA LOCAL. A row that the server skips or changes is an error. Only with the capability `load-data`.
   * @param table SQL name, also of a temporary table
   */
  loadData?(table: string, columns: readonly string[], rows: readonly (readonly SqlValue[])[]): Promise<void>;
  /** Runs hand-written SQL with `?` placeholders; returns no rows. */
  execute(sql: string, params: readonly SqlValue[]): Promise<void>;
  /**
   * Runs hand-written SQL with `?` placeholders. @returns rows as objects by column name. Numbers may be number, bigint or
   * string; times may be Date or the server's text in UTC.
   */
  query(sql: string, params: readonly SqlValue[]): Promise<Record<string, unknown>[]>;

  /** Runs `work` in one transaction on one connection: commits when it returns, rolls back when it throws. */
  transaction<T>(work: (session: OrmSession) => Promise<T>): Promise<T>;
  /** Drops the library's cached rows, so that memory stays flat. */
  clear(): void;
}

export type Filter<Key> = { readonly [P in keyof Key]?: Key[P] | readonly Key[P][] };

/** One number, or one for rows whose key the server generates and one for rows with a key of the client. */
type CountByKey = number | { readonly serverKey: number; readonly clientKey: number };

export const countOf = (count: CountByKey, storage: KeyStorage): number =>
  typeof count === "number" ? count : storage === "identity" ? count.serverKey : count.clientKey;

/**
 * The number of statements of each operation, as the server counts them. Begin and commit count; protocol messages do not.
 * Reads and hand-written SQL are not listed, because each is one statement in every library.
 */
interface StatementCosts {
  /** a library can treat a row differently if the client generates its key */
  readonly insertOne: CountByKey;
  /** for a chunk of rows */
  readonly insertMany: number;
  readonly updateOne: number;
  readonly updateWhere: number;
  /** an empty transaction */
  readonly transaction: number;
  /** inside a transaction, in addition to one per parameter set; absent without batches */
  readonly executeBatch?: number;
}

/** The location for `prepare`, for a version that differs from the one installed beside the library's folder. */
export interface PreparePlace {
  /** URL of a module from which Node resolves the version's packages */
  readonly packagesUrl: string;
  /** replaces the default `generatedFolder` */
  readonly generatedFolder: string;
}

export interface Orm {
  readonly id: string;
  /** the npm package whose version the record contains */
  readonly packageName: string;
  /** packages with common releases, which therefore change their version together; absent: only `packageName` */
  readonly packages?: readonly string[];
  /** packages that an application installs beside the library, with separate releases */
  readonly companions?: readonly string[];
  /** beside the description: code that `prepare` generates for one version of the library */
  readonly generatedFolder?: string;
  /**
   * beside the description, for `bench show`: files that an application needs although no code imports them, and files that
   * it does not need
   */
  readonly sourceFiles?: { readonly include?: readonly string[]; readonly exclude?: readonly string[] };
  /** `#rrggbb`, in every chart; absent: chosen by the id */
  readonly colour?: string;
  readonly class: OrmClass;
  /** npm package of the driver underneath */
  readonly driver: string;
  readonly capabilities: ReadonlySet<Capability>;
  /** the level of interface of the session's own operations */
  readonly api: ApiLevel;
  /** settings that differ from the library's defaults or that affect its speed; recorded with each sample */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /**
   * settings of the track `tuned`, which the library's documentation offers for long batches; recorded over `settings`. Absent: the library
   * has no default that stops or slows down a batch.
   */
  readonly tuned?: Readonly<Record<string, string | number | boolean>>;
  /** the pool size of an application that sets none */
  readonly defaultPoolConnections: number;
  /** The contract suite checks these numbers, so that an upgrade with a hidden SELECT or transaction fails. */
  readonly statements: StatementCosts;
  /** One-time work before a run, outside every clock: code generation, for example. */
  prepare?(place?: PreparePlace): Promise<void>;
  /** Loads the library and opens a session. Loading is lazy, so that only cells that use a library need it installed. */
  connect(options: ConnectOptions): Promise<OrmSession>;
  /** The MySQL error number inside an error of the library, if neither `cause` nor `errno` contains it. */
  errorNumber?(error: unknown): number | undefined;
}

/** The parts of an ORM that the harness holds: data and `prepare`. Only processes that measure open sessions. */
export type OrmDescription = Omit<Orm, "connect" | "errorNumber">;
