/** The workload's rows in TypeScript, and the tables and columns for hand-written SQL. */

export type Grade = "SILVER" | "GOLD" | "VIP";

/** The storage of the surrogate key of the two growing tables. Each storage has its own tables (schema.sql). */
export const KEY_STORAGES = ["identity", "bin16", "char36"] as const;
export type KeyStorage = (typeof KEY_STORAGES)[number];

/** A key that the client generates: 16 bytes for `bin16`, the usual text with hyphens for `char36`. */
export type ClientKey = Uint8Array<ArrayBuffer> | string;

export interface UserState {
  readonly id: number;
  readonly grade: Grade;
}

/** One paid order inside the window. Amounts are whole won. */
export interface PaidOrder {
  readonly categoryId: number;
  readonly amountWon: number;
}

/** A user's paid orders of one category inside the window. */
export interface OrderTotal {
  readonly userId: number;
  readonly categoryId: number;
  readonly orders: number;
  readonly amountWon: number;
}

export interface BadgeState {
  readonly userId: number;
  readonly categoryId: number;
  readonly active: boolean;
}

export interface CouponDecision {
  readonly couponId: number;
  readonly sequence: number;
}

/** All rows that one user's renewal writes. */
export interface UserDecision {
  readonly userId: number;
  readonly previousGrade: Grade;
  readonly newGrade: Grade;
  readonly badgeChanges: readonly BadgeState[];
  readonly coupons: readonly CouponDecision[];
}

/** A row for grade_logs_*. `id` is absent if the server generates the key. */
export interface GradeLogRow {
  readonly id?: ClientKey;
  readonly runId: number;
  readonly userId: number;
  readonly previousGrade: Grade;
  readonly newGrade: Grade;
  readonly changedAt: Date;
}

/** A row for coupon_issues_*. `id` is absent if the server generates the key. */
export interface CouponIssueRow {
  readonly id?: ClientKey;
  readonly runId: number;
  readonly userId: number;
  readonly couponId: number;
  readonly sequence: number;
  readonly grade: Grade;
  readonly issuedAt: Date;
}

export interface InsertRows {
  gradeLogs: GradeLogRow;
  couponIssues: CouponIssueRow;
}
export type InsertTable = keyof InsertRows;
export const INSERT_TABLES: readonly InsertTable[] = ["gradeLogs", "couponIssues"];

/** For each table: the columns that identify a row, and the columns that an update changes. */
export interface UpdateRows {
  users: { key: { id: number }; changes: { grade: Grade; gradeChangedAt: Date } };
  badges: { key: { userId: number; categoryId: number }; changes: { active: boolean; changedAt: Date } };
  gradeLogs: { key: { runId: number; userId: number }; changes: { previousGrade: Grade; newGrade: Grade; changedAt: Date } };
  couponIssues: {
    key: { runId: number; userId: number; couponId: number; sequence: number };
    changes: { grade: Grade; issuedAt: Date };
  };
}
export type UpdateTable = keyof UpdateRows;

const INSERT_TABLE_NAMES: Readonly<Record<InsertTable, string>> = { gradeLogs: "grade_logs", couponIssues: "coupon_issues" };

/** The SQL name of a table. The name of a growing table depends on the storage of its key. */
export function tableName(table: UpdateTable, storage: KeyStorage): string {
  return table === "users" || table === "badges" ? table : `${INSERT_TABLE_NAMES[table]}_${storage}`;
}

/** The SQL name of a property's column: `userId` -> `user_id`. */
export const columnName = (property: string): string => property.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** In the column order of hand-written SQL. `id` comes first if the client generates it. */
const INSERT_PROPERTIES = {
  gradeLogs: ["runId", "userId", "previousGrade", "newGrade", "changedAt"],
  couponIssues: ["runId", "userId", "couponId", "sequence", "grade", "issuedAt"],
} as const satisfies { [T in InsertTable]: readonly (keyof InsertRows[T])[] };

/**
 * A row's values in that order. Written out, because a loop over the names takes five times as long (150 µs instead of 30 µs
 * for 1,650 rows). Bulk inserts of raw drivers take little more than that in total.
 */
const INSERT_VALUES: { readonly [T in InsertTable]: (row: InsertRows[T]) => unknown[] } = {
  gradeLogs: (row) => [row.runId, row.userId, row.previousGrade, row.newGrade, row.changedAt],
  couponIssues: (row) => [row.runId, row.userId, row.couponId, row.sequence, row.grade, row.issuedAt],
};

/** The columns of an INSERT and a function for the values of one row in the same order. */
export function insertColumns(table: InsertTable, storage: KeyStorage): InsertColumns {
  const id = `${table} ${storage}`;
  let columns = insertColumnsOf.get(id);
  if (columns === undefined) {
    const isKeyFromClient = storage !== "identity";
    const fields = INSERT_VALUES[table] as InsertColumns["values"];
    columns = {
      names: [...(isKeyFromClient ? ["id"] : []), ...INSERT_PROPERTIES[table]].map(columnName),
      values: isKeyFromClient ? (row) => [row.id, ...fields(row)] : fields,
    };
    insertColumnsOf.set(id, columns);
  }
  return columns;
}

interface InsertColumns {
  readonly names: readonly string[];
  readonly values: (row: InsertRows[InsertTable]) => unknown[];
}

/** A cache: some callers need the columns once per row, and the conversion of the property names is slow. */
const insertColumnsOf = new Map<string, InsertColumns>();
