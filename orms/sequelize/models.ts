/** The workload's tables, declared as in an application that uses Sequelize. */
import { DataTypes, type Model, type ModelAttributeColumnOptions, type ModelStatic, type Sequelize } from "sequelize";
import { tableName, type KeyStorage, type UpdateTable } from "../../workload/tables.ts";

const unsigned = DataTypes.INTEGER.UNSIGNED;
// Functions, because `define` writes the name of the column into the object. A shared object would name one column twice.
const number = () => ({ type: unsigned, allowNull: false });
const grade = () => ({ type: DataTypes.STRING(8), allowNull: false });
const time = () => ({ type: DataTypes.DATE(6), allowNull: false });

const keyColumn: Readonly<Record<KeyStorage, () => ModelAttributeColumnOptions>> = {
  identity: () => ({ type: DataTypes.BIGINT.UNSIGNED, primaryKey: true, autoIncrement: true }),
  /** BINARY(16). Sequelize does not offer it; BLOB writes the same literals and parameters. */
  bin16: () => ({ type: DataTypes.BLOB, primaryKey: true }),
  char36: () => ({ type: DataTypes.CHAR(36), primaryKey: true }),
};

export type Models = Readonly<Record<UpdateTable | "orders", ModelStatic<Model>>>;

/** Defines the models on a connection. Sequelize derives `user_id` from `userId` (underscored). */
export function defineModels(sequelize: Sequelize, storage: KeyStorage): Models {
  return {
    users: sequelize.define(
      "User",
      {
        id: { type: unsigned, primaryKey: true },
        name: { type: DataTypes.STRING(64), allowNull: false },
        grade: grade(),
        gradeChangedAt: { type: DataTypes.DATE(6) },
        createdAt: time(),
      },
      { tableName: "users" },
    ),
    badges: sequelize.define(
      "Badge",
      {
        userId: { type: unsigned, primaryKey: true },
        categoryId: { type: DataTypes.SMALLINT.UNSIGNED, primaryKey: true },
        active: { type: DataTypes.BOOLEAN, allowNull: false },
        changedAt: { type: DataTypes.DATE(6) },
      },
      { tableName: "badges" },
    ),
    orders: sequelize.define(
      "Order",
      {
        id: { type: unsigned, primaryKey: true },
        userId: number(),
        categoryId: { type: DataTypes.SMALLINT.UNSIGNED, allowNull: false },
        amount: { type: DataTypes.DECIMAL(12, 2), allowNull: false },
        status: { type: DataTypes.STRING(10), allowNull: false },
        orderedAt: time(),
      },
      { tableName: "orders" },
    ),
    gradeLogs: sequelize.define(
      "GradeLog",
      {
        id: keyColumn[storage](),
        runId: number(),
        userId: number(),
        previousGrade: grade(),
        newGrade: grade(),
        changedAt: time(),
      },
      { tableName: tableName("gradeLogs", storage) },
    ),
    couponIssues: sequelize.define(
      "CouponIssue",
      {
        id: keyColumn[storage](),
        runId: number(),
        userId: number(),
        couponId: number(),
        sequence: { type: DataTypes.TINYINT.UNSIGNED, allowNull: false },
        grade: grade(),
        issuedAt: time(),
      },
      { tableName: tableName("couponIssues", storage) },
    ),
  };
}
