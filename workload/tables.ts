/** The workload's rows as TypeScript sees them, and what each table looks like to SQL that is written by hand. */

export type Grade = "SILVER" | "GOLD" | "VIP";

/** How the surrogate key of the two growing tables is stored; each storage has tables of its own (schema.sql). */
export type KeyStorage = "identity" | "bin16";

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

/** Everything that one user's renewal writes. */
export interface UserDecision {
  readonly userId: number;
  readonly previousGrade: Grade;
  readonly newGrade: Grade;
  readonly badgeChanges: readonly BadgeState[];
  readonly coupons: readonly CouponDecision[];
}

/** A row for grade_logs_*. `id` is absent where the server numbers the rows. */
export interface GradeLogRow {
  readonly id?: Uint8Array<ArrayBuffer>;
  readonly runId: number;
  readonly userId: number;
  readonly previousGrade: Grade;
  readonly newGrade: Grade;
  readonly changedAt: Date;
}

/** A row for coupon_issues_*. `id` is absent where the server numbers the rows. */
export interface CouponIssueRow {
  readonly id?: Uint8Array<ArrayBuffer>;
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

/** For each updatable table: the columns that select rows, and those that change. */
export interface UpdateRows {
  users: { key: { id: number }; changes: { grade: Grade; gradeChangedAt: Date } };
  badges: { key: { userId: number; categoryId: number }; changes: { active: boolean; changedAt: Date } };
}
export type UpdateTable = keyof UpdateRows;

const INSERT_TABLE_NAMES: Readonly<Record<InsertTable, string>> = { gradeLogs: "grade_logs", couponIssues: "coupon_issues" };

/** The SQL name of a growing table, by its key's storage. */
export function tableName(table: InsertTable, storage: KeyStorage): string {
  return `${INSERT_TABLE_NAMES[table]}_${storage}`;
}

/** Property name -> SQL column, in the order in which rows are written by hand. `id` leads where the client makes it. */
const COLUMNS = {
  gradeLogs: {
    runId: "run_id",
    userId: "user_id",
    previousGrade: "previous_grade",
    newGrade: "new_grade",
    changedAt: "changed_at",
  },
  couponIssues: {
    runId: "run_id",
    userId: "user_id",
    couponId: "coupon_id",
    sequence: "sequence",
    grade: "grade",
    issuedAt: "issued_at",
  },
} as const satisfies { [T in InsertTable]: Record<Exclude<keyof InsertRows[T], "id">, string> };

/** The columns of an INSERT and the values of one row in the same order. */
export function insertColumns(
  table: InsertTable,
  storage: KeyStorage,
): { names: string[]; values: (row: InsertRows[InsertTable]) => unknown[] } {
  const withId = storage === "identity" ? [] : ["id"];
  const properties = [...withId, ...Object.keys(COLUMNS[table])];
  return {
    names: [...withId, ...Object.values(COLUMNS[table])],
    values: (row) => properties.map((property) => (row as unknown as Record<string, unknown>)[property]),
  };
}
