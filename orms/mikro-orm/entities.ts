/** The workload's tables, declared as in an application that uses MikroORM without decorators: a schema, and a class on it. */
import { defineEntity, p } from "@mikro-orm/core";
import { tableName, type ClientKey, type Grade, type KeyStorage } from "../../workload/tables.ts";

const time = () => p.datetime(6);
const grade = () => p.string().length(8).$type<Grade>();
const unsigned = () => p.integer().unsigned();

const UserSchema = defineEntity({
  name: "User",
  tableName: "users",
  properties: { id: unsigned().primary(), grade: grade(), gradeChangedAt: time().nullable() },
});
class User extends UserSchema.class {}
UserSchema.setClass(User);

const BadgeSchema = defineEntity({
  name: "Badge",
  tableName: "badges",
  properties: {
    userId: unsigned().primary(),
    categoryId: unsigned().primary(),
    active: p.boolean(),
    changedAt: time().nullable(),
  },
});
class Badge extends BadgeSchema.class {}
BadgeSchema.setClass(Badge);

const OrderSchema = defineEntity({
  name: "Order",
  tableName: "orders",
  properties: {
    id: unsigned().primary(),
    userId: unsigned(),
    categoryId: unsigned(),
    amount: p.decimal("number").precision(12).scale(2),
    status: p.string().length(10),
    orderedAt: time(),
  },
});
class Order extends OrderSchema.class {}
OrderSchema.setClass(Order);

const gradeLogColumns = {
  runId: unsigned(),
  userId: unsigned(),
  previousGrade: grade(),
  newGrade: grade(),
  changedAt: time(),
};
const couponIssueColumns = {
  runId: unsigned(),
  userId: unsigned(),
  couponId: unsigned(),
  sequence: unsigned(),
  grade: grade(),
  issuedAt: time(),
};
/** The server generates the key. */
const identity = () => p.bigint().unsigned().primary();
/** The client generates the key. */
const bin16 = () => p.uint8array().columnType("binary(16)").$type<ClientKey>().primary();
const char36 = () => p.string().columnType("char(36)").primary();

const GradeLogIdentitySchema = defineEntity({
  name: "GradeLogIdentity",
  tableName: tableName("gradeLogs", "identity"),
  properties: { id: identity(), ...gradeLogColumns },
});
class GradeLogIdentity extends GradeLogIdentitySchema.class {}
GradeLogIdentitySchema.setClass(GradeLogIdentity);

const GradeLogBin16Schema = defineEntity({
  name: "GradeLogBin16",
  tableName: tableName("gradeLogs", "bin16"),
  properties: { id: bin16(), ...gradeLogColumns },
});
class GradeLogBin16 extends GradeLogBin16Schema.class {}
GradeLogBin16Schema.setClass(GradeLogBin16);

const GradeLogChar36Schema = defineEntity({
  name: "GradeLogChar36",
  tableName: tableName("gradeLogs", "char36"),
  properties: { id: char36(), ...gradeLogColumns },
});
class GradeLogChar36 extends GradeLogChar36Schema.class {}
GradeLogChar36Schema.setClass(GradeLogChar36);

const CouponIssueIdentitySchema = defineEntity({
  name: "CouponIssueIdentity",
  tableName: tableName("couponIssues", "identity"),
  properties: { id: identity(), ...couponIssueColumns },
});
class CouponIssueIdentity extends CouponIssueIdentitySchema.class {}
CouponIssueIdentitySchema.setClass(CouponIssueIdentity);

const CouponIssueBin16Schema = defineEntity({
  name: "CouponIssueBin16",
  tableName: tableName("couponIssues", "bin16"),
  properties: { id: bin16(), ...couponIssueColumns },
});
class CouponIssueBin16 extends CouponIssueBin16Schema.class {}
CouponIssueBin16Schema.setClass(CouponIssueBin16);

const CouponIssueChar36Schema = defineEntity({
  name: "CouponIssueChar36",
  tableName: tableName("couponIssues", "char36"),
  properties: { id: char36(), ...couponIssueColumns },
});
class CouponIssueChar36 extends CouponIssueChar36Schema.class {}
CouponIssueChar36Schema.setClass(CouponIssueChar36);

const shared = { users: User, badges: Badge, orders: Order };
const char36Entities = { ...shared, gradeLogs: GradeLogChar36, couponIssues: CouponIssueChar36 };
const identityEntities = { ...shared, gradeLogs: GradeLogIdentity, couponIssues: CouponIssueIdentity };
const bin16Entities = { ...shared, gradeLogs: GradeLogBin16, couponIssues: CouponIssueBin16 };

/** The entities by the workload's table names. The storages differ only in the key, which no code reads. */
export type Entities = typeof bin16Entities;

const byStorage = { identity: identityEntities, bin16: bin16Entities, char36: char36Entities } satisfies Record<
  KeyStorage,
  object
>;

export const entitiesOf = (storage: KeyStorage): Entities => byStorage[storage] as unknown as Entities;
