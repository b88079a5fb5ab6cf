/**
 * What an ORM, query builder or driver must offer to take part. One folder per library implements it; nothing else in
 * the project knows a library by name. Differences are declared (class, driver, capabilities), never asked by name.
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
import type { ConnectionTarget } from "../lib/target.ts";

/** `raw`: SQL by hand on a driver. `query-builder`: typed SQL, no entities. `full`: models, relations, generated SQL. */
type OrmClass = "raw" | "query-builder" | "full";

/** Which level of a library's interface a cell used. `raw-sql` measures the library's driver more than the library. */
export type ApiLevel = "native" | "builder" | "raw-sql";

/** What a library can or cannot do; a strategy lists what it requires and is skipped where that is missing. */
export const CAPABILITIES = [
  /** one statement that inserts many rows */
  "bulk-insert",
  /** one statement that gives the same values to many rows */
  "bulk-update",
  /** one statement with many sets of parameters, sent without waiting for each answer: the relative of JDBC's batches */
  "statement-batch",
  /** finds by itself what changed in loaded entities and writes it in a flush; techniques that need it are its native variants */
  "unit-of-work",
  /** any SQL statement with parameters */
  "raw-sql",
  /** hand-written SQL is this library's native variant of working, so that server-side SQL is measured through it */
  "server-side",
] as const;
export type Capability = (typeof CAPABILITIES)[number];

export type SqlValue = number | string | boolean | Date | Uint8Array<ArrayBuffer> | null;

/** In SQL's words, as options and records carry them. */
export const ISOLATIONS = ["read-uncommitted", "read-committed", "repeatable-read", "serializable"] as const;
export type Isolation = (typeof ISOLATIONS)[number];

/** How a session reaches the server; the same for every library of a matched comparison. */
export interface ConnectionPolicy {
  /** connections that the pool may open; every one is opened before the clock starts */
  readonly poolConnections: number;
  /** transaction isolation of every connection; null: the server's default */
  readonly isolation: Isolation | null;
  /** `library`: prepared on the server or not, as the library does by itself. `text`: never prepared */
  readonly statements: "library" | "text";
}

export interface ConnectOptions extends ConnectionPolicy {
  readonly target: ConnectionTarget;
  /** which of the two storages of the growing tables to write to */
  readonly storage: KeyStorage;
}

/** What a session must send on each new connection, so that it follows the policy. */
export function connectionSetup({ isolation }: ConnectionPolicy): string[] {
  return isolation === null ? [] : [`SET SESSION TRANSACTION ISOLATION LEVEL ${isolation.replace("-", " ").toUpperCase()}`];
}

/** The reads and writes of the job, as an application would write them with the library. */
export interface OrmSession extends AsyncDisposable {
  /** Users with `afterId < id <= lastId` in id order, at most `limit`. */
  usersAfter(afterId: number, lastId: number, limit: number): Promise<UserState[]>;
  /** One user's paid orders inside the window, row by row. */
  paidOrders(userId: number, window: Window): Promise<PaidOrder[]>;
  /** Paid orders inside the window per user and category, for users `firstUserId..lastUserId`, summed by the server. */
  orderTotals(firstUserId: number, lastUserId: number, window: Window): Promise<OrderTotal[]>;
  /** All badge rows of users `firstUserId..lastUserId`. */
  badges(firstUserId: number, lastUserId: number): Promise<BadgeState[]>;

  /** One row, as the library's getting-started page saves one. A duplicate is an error. */
  insertOne<T extends InsertTable>(table: T, row: InsertRows[T]): Promise<void>;
  /** Many rows by the library's bulk interface, in as few statements as it can. A duplicate is an error. */
  insertMany<T extends InsertTable>(table: T, rows: readonly InsertRows[T][]): Promise<void>;
  /** One row by its key. */
  updateOne<T extends UpdateTable>(table: T, key: UpdateRows[T]["key"], changes: UpdateRows[T]["changes"]): Promise<void>;
  /** The same values for every row that the filter selects: each property equals, or is one of a list. */
  updateWhere<T extends UpdateTable>(
    table: T,
    filter: Filter<UpdateRows[T]["key"]>,
    changes: UpdateRows[T]["changes"],
  ): Promise<void>;

  /** One statement for each set of parameters, by the driver's own batching. Only with the capability `statement-batch`. */
  executeBatch?(sql: string, paramSets: readonly (readonly SqlValue[])[]): Promise<void>;
  /** SQL by hand with `?` placeholders; no rows. */
  execute(sql: string, params: readonly SqlValue[]): Promise<void>;
  /**
   * SQL by hand with `?` placeholders; rows as objects by column name. Numbers may come as number, bigint or string, times as
   * Date or in the server's words, which are UTC.
   */
  query(sql: string, params: readonly SqlValue[]): Promise<Record<string, unknown>[]>;

  /** Runs `work` in one transaction on one connection: commits when it returns, rolls back when it throws. */
  transaction<T>(work: (session: OrmSession) => Promise<T>): Promise<T>;
  /** Forgets what the library remembers of rows written so far, so that memory stays flat. */
  clear(): void;
}

export type Filter<Key> = { readonly [P in keyof Key]?: Key[P] | readonly Key[P][] };

/**
 * What one operation costs in statements, as the server counts them: begin and commit too, protocol chatter not. Not in
 * here, because it is the same for all: each read, and each SQL by hand, is one.
 */
interface StatementCosts {
  readonly insertOne: number;
  /** of a chunk of rows */
  readonly insertMany: number;
  readonly updateOne: number;
  readonly updateWhere: number;
  /** around nothing */
  readonly transaction: number;
  /** inside a transaction, beside one for each set of parameters; absent where there are no batches */
  readonly executeBatch?: number;
}

/** Where a version of its own is prepared, when it isn't the one installed beside the library's folder. */
export interface PreparePlace {
  /** URL of a module beside which the version's packages are found */
  readonly packagesUrl: string;
  /** takes the place of `generatedFolder` */
  readonly generatedFolder: string;
}

export interface Orm {
  readonly id: string;
  /** the npm package whose version is recorded */
  readonly packageName: string;
  /** packages that are released together and so move to another version together; absent: `packageName` alone */
  readonly packages?: readonly string[];
  /** beside the description: code that `prepare` generates, which belongs to one version of the library */
  readonly generatedFolder?: string;
  /** beside the description, for `bench show`: what an application needs though nothing imports it, and what it doesn't need */
  readonly sourceFiles?: { readonly include?: readonly string[]; readonly exclude?: readonly string[] };
  readonly class: OrmClass;
  /** npm package of the driver underneath */
  readonly driver: string;
  readonly capabilities: ReadonlySet<Capability>;
  /** the level of interface that the session's own operations use */
  readonly api: ApiLevel;
  /** what the library is set to that its defaults are not, or that matters to speed; recorded with each sample */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** the pool that an application gets which doesn't ask for another size */
  readonly defaultPoolConnections: number;
  /** Pinned by the contract suite, so that an upgrade that adds a hidden SELECT or transaction is noticed. */
  readonly statements: StatementCosts;
  /** Work that is done once before a run, outside every clock: code generation, for example. */
  prepare?(place?: PreparePlace): Promise<void>;
  /** Loads the library (lazily: only a cell that uses it needs it installed) and opens a session. */
  connect(options: ConnectOptions): Promise<OrmSession>;
  /** The MySQL error number inside an error that the library threw, where it hides it from `cause` and `errno`. */
  errorNumber?(error: unknown): number | undefined;
}
