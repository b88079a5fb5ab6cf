/** The job's rows with the names of the columns, for libraries whose documentation names columns and not properties. */
import {
  columnName,
  type CouponIssueRow,
  type GradeLogRow,
  type InsertRows,
  type InsertTable,
  type KeyStorage,
} from "../workload/tables.ts";

/** Written out: a loop over the names takes several times as long, for each of thousands of rows. */
const WITHOUT_KEY = {
  gradeLogs: (row: GradeLogRow) => ({
    run_id: row.runId,
    user_id: row.userId,
    previous_grade: row.previousGrade,
    new_grade: row.newGrade,
    changed_at: row.changedAt,
  }),
  couponIssues: (row: CouponIssueRow) => ({
    run_id: row.runId,
    user_id: row.userId,
    coupon_id: row.couponId,
    sequence: row.sequence,
    grade: row.grade,
    issued_at: row.issuedAt,
  }),
};

/** The row of an insert. `id` is a property only if the client generates it: an undefined one would be a column too. */
const WITH_KEY = {
  gradeLogs: (row: GradeLogRow) => ({ id: row.id, ...WITHOUT_KEY.gradeLogs(row) }),
  couponIssues: (row: CouponIssueRow) => ({ id: row.id, ...WITHOUT_KEY.couponIssues(row) }),
};

type RowOf<T extends InsertTable> = (row: InsertRows[T]) => Readonly<Record<string, unknown>>;

export const columnRows = <T extends InsertTable>(
  table: T,
  storage: KeyStorage,
  rows: readonly InsertRows[T][],
): Readonly<Record<string, unknown>>[] =>
  rows.map((storage === "identity" ? WITHOUT_KEY : WITH_KEY)[table] as unknown as RowOf<T>);

/** A cache: to convert the names again for each of thousands of single updates takes microseconds. */
const columnNames = new Map<string, string>();

function columnOf(property: string): string {
  let name = columnNames.get(property);
  if (name === undefined) {
    name = columnName(property);
    columnNames.set(property, name);
  }
  return name;
}

/** `{ userId: 1 }` -> `{ user_id: 1 }` */
export function columnsOf(properties: object): Record<string, unknown> {
  const columns: Record<string, unknown> = {};
  for (const [property, value] of Object.entries(properties)) columns[columnOf(property)] = value;
  return columns;
}
