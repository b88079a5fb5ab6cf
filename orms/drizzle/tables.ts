/** The workload's tables, declared as in an application that uses Drizzle. */
import {
  bigint,
  char,
  customType,
  datetime,
  decimal,
  int,
  mysqlTable,
  smallint,
  tinyint,
  varchar,
  boolean,
} from "drizzle-orm/mysql-core";
import { tableName, type Grade, type KeyStorage } from "../../workload/tables.ts";

/** BINARY(16). Drizzle does not offer it: its `binary` is a string. */
const binary16 = customType<{ data: Uint8Array<ArrayBuffer>; driverData: Buffer }>({
  dataType: () => "binary(16)",
  toDriver: (value) => Buffer.from(value.buffer, value.byteOffset, value.byteLength),
});

const time = (name: string) => datetime(name, { mode: "date", fsp: 6 });
const grade = (name: string) => varchar(name, { length: 8 }).$type<Grade>().notNull();
const userId = () => int("user_id", { unsigned: true }).notNull();

const users = mysqlTable("users", {
  id: int("id", { unsigned: true }).primaryKey(),
  grade: grade("grade"),
  gradeChangedAt: time("grade_changed_at"),
});

const badges = mysqlTable("badges", {
  userId: userId(),
  categoryId: smallint("category_id", { unsigned: true }).notNull(),
  active: boolean("active").notNull(),
  changedAt: time("changed_at"),
});

const orders = mysqlTable("orders", {
  id: int("id", { unsigned: true }).primaryKey(),
  userId: userId(),
  categoryId: smallint("category_id", { unsigned: true }).notNull(),
  amount: decimal("amount", { precision: 12, scale: 2 }).notNull(),
  status: varchar("status", { length: 10 }).notNull(),
  orderedAt: time("ordered_at").notNull(),
});

const keyColumn = {
  identity: () => bigint("id", { mode: "number", unsigned: true }).autoincrement().primaryKey(),
  bin16: () => binary16("id").primaryKey(),
  char36: () => char("id", { length: 36 }).primaryKey(),
} satisfies Record<KeyStorage, () => unknown>;

const gradeLogColumns = () => ({
  runId: int("run_id", { unsigned: true }).notNull(),
  userId: userId(),
  previousGrade: grade("previous_grade"),
  newGrade: grade("new_grade"),
  changedAt: time("changed_at").notNull(),
});

const couponIssueColumns = () => ({
  runId: int("run_id", { unsigned: true }).notNull(),
  userId: userId(),
  couponId: int("coupon_id", { unsigned: true }).notNull(),
  sequence: tinyint("sequence", { unsigned: true }).notNull(),
  grade: grade("grade"),
  issuedAt: time("issued_at").notNull(),
});

/** All tables, by the storage of the key of the growing tables. */
export const tables = {
  identity: {
    users,
    badges,
    orders,
    gradeLogs: mysqlTable(tableName("gradeLogs", "identity"), { id: keyColumn.identity(), ...gradeLogColumns() }),
    couponIssues: mysqlTable(tableName("couponIssues", "identity"), { id: keyColumn.identity(), ...couponIssueColumns() }),
  },
  bin16: {
    users,
    badges,
    orders,
    gradeLogs: mysqlTable(tableName("gradeLogs", "bin16"), { id: keyColumn.bin16(), ...gradeLogColumns() }),
    couponIssues: mysqlTable(tableName("couponIssues", "bin16"), { id: keyColumn.bin16(), ...couponIssueColumns() }),
  },
  char36: {
    users,
    badges,
    orders,
    gradeLogs: mysqlTable(tableName("gradeLogs", "char36"), { id: keyColumn.char36(), ...gradeLogColumns() }),
    couponIssues: mysqlTable(tableName("couponIssues", "char36"), { id: keyColumn.char36(), ...couponIssueColumns() }),
  },
};
