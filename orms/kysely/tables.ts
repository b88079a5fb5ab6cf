/** The workload's tables, declared as in an application that uses Kysely: https://kysely.dev/docs/getting-started#types */
import type { ColumnType, Generated } from "kysely";
import type { Grade } from "../../workload/tables.ts";

interface UserTable {
  id: number;
  grade: Grade;
  grade_changed_at: Date | null;
}

interface BadgeTable {
  user_id: number;
  category_id: number;
  /** mysql2 returns TINYINT(1) as a number */
  active: ColumnType<number, boolean, boolean>;
  changed_at: Date | null;
}

interface OrderTable {
  id: number;
  user_id: number;
  category_id: number;
  /** mysql2 returns DECIMAL as text, so that no digit is lost */
  amount: string;
  status: string;
  ordered_at: Date;
}

interface GradeLogTable<Key> {
  id: Key;
  run_id: number;
  user_id: number;
  previous_grade: Grade;
  new_grade: Grade;
  changed_at: Date;
}

interface CouponIssueTable<Key> {
  id: Key;
  run_id: number;
  user_id: number;
  coupon_id: number;
  sequence: number;
  grade: Grade;
  issued_at: Date;
}

export interface Database {
  users: UserTable;
  badges: BadgeTable;
  orders: OrderTable;
  grade_logs_identity: GradeLogTable<Generated<number>>;
  grade_logs_bin16: GradeLogTable<Uint8Array>;
  grade_logs_char36: GradeLogTable<string>;
  coupon_issues_identity: CouponIssueTable<Generated<number>>;
  coupon_issues_bin16: CouponIssueTable<Uint8Array>;
  coupon_issues_char36: CouponIssueTable<string>;
}
