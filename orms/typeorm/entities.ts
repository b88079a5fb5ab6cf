/** The workload's tables, declared as in an application that uses TypeORM without decorators: Node cannot strip decorators. */
// oxlint-disable-next-line import/no-unassigned-import -- TypeORM requires this import, which only changes `Reflect`
import "reflect-metadata";
import { EntitySchema, type EntitySchemaColumnOptions } from "typeorm";
import { tableName, type CouponIssueRow, type Grade, type GradeLogRow, type KeyStorage } from "../../workload/tables.ts";

interface User {
  id: number;
  /** only upserts set the name and the time of creation */
  name?: string;
  grade: Grade;
  gradeChangedAt: Date | null;
  createdAt?: Date;
}

interface Badge {
  userId: number;
  categoryId: number;
  active: boolean;
  changedAt: Date | null;
}

interface Order {
  id: number;
  userId: number;
  categoryId: number;
  /** TypeORM returns DECIMAL as text */
  amount: string;
  status: string;
  orderedAt: Date;
}

type Column = EntitySchemaColumnOptions;
const unsigned = (name: string): Column => ({ name, type: "int", unsigned: true });
const time = (name: string): Column => ({ name, type: "datetime", precision: 6 });
const grade = (name: string): Column => ({ name, type: "varchar", length: 8 });

const users = new EntitySchema<User>({
  name: "User",
  tableName: "users",
  columns: {
    id: { ...unsigned("id"), primary: true },
    grade: grade("grade"),
    gradeChangedAt: { ...time("grade_changed_at"), nullable: true },
    name: { type: "varchar", length: 64, select: false },
    createdAt: { ...time("created_at"), select: false },
  },
});

const badges = new EntitySchema<Badge>({
  name: "Badge",
  tableName: "badges",
  columns: {
    userId: { ...unsigned("user_id"), primary: true },
    categoryId: { name: "category_id", type: "smallint", unsigned: true, primary: true },
    active: { type: Boolean },
    changedAt: { ...time("changed_at"), nullable: true },
  },
});

const orders = new EntitySchema<Order>({
  name: "Order",
  tableName: "orders",
  columns: {
    id: { ...unsigned("id"), primary: true },
    userId: unsigned("user_id"),
    categoryId: { name: "category_id", type: "smallint", unsigned: true },
    amount: { type: "decimal", precision: 12, scale: 2 },
    status: { type: "varchar", length: 10 },
    orderedAt: time("ordered_at"),
  },
});

const KEYS = {
  identity: { type: "bigint", unsigned: true, primary: true, generated: "increment" },
  bin16: { type: "binary", length: 16, primary: true },
  char36: { type: "char", length: 36, primary: true },
} as const satisfies Record<KeyStorage, Column>;

const gradeLogs = (storage: KeyStorage) =>
  new EntitySchema<GradeLogRow>({
    name: `GradeLog_${storage}`,
    tableName: tableName("gradeLogs", storage),
    columns: {
      id: KEYS[storage],
      runId: unsigned("run_id"),
      userId: unsigned("user_id"),
      previousGrade: grade("previous_grade"),
      newGrade: grade("new_grade"),
      changedAt: time("changed_at"),
    },
  });

const couponIssues = (storage: KeyStorage) =>
  new EntitySchema<CouponIssueRow>({
    name: `CouponIssue_${storage}`,
    tableName: tableName("couponIssues", storage),
    columns: {
      id: KEYS[storage],
      runId: unsigned("run_id"),
      userId: unsigned("user_id"),
      couponId: unsigned("coupon_id"),
      sequence: { type: "tinyint", unsigned: true },
      grade: grade("grade"),
      issuedAt: time("issued_at"),
    },
  });

const entitiesWith = (storage: KeyStorage) => ({
  users,
  badges,
  orders,
  gradeLogs: gradeLogs(storage),
  couponIssues: couponIssues(storage),
});

/** The entities by the workload's table names. */
export type Entities = ReturnType<typeof entitiesWith>;

const entities: Readonly<Record<KeyStorage, Entities>> = {
  identity: entitiesWith("identity"),
  bin16: entitiesWith("bin16"),
  char36: entitiesWith("char36"),
};
export const entitiesOf = (storage: KeyStorage): Entities => entities[storage];
