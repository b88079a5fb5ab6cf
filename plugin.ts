/**
 * The API for plug-ins: `import { ... } from "orm-shootout/plugin"`. It loads no library, only types and the steps that
 * techniques share. A complete strategy:
 *
 * ```ts
 * import { couponIssuesOf, gradeLogsOf, writeInChunks, type Strategy } from "orm-shootout/plugin";
 *
 * export const strategy: Strategy = {
 *   id: "bulk-inserts",
 *   summary: "new rows in bulk, updates row by row, one transaction per chunk of users",
 *   requires: ["bulk-insert"],
 *   usesChunks: true,
 *   splitsByUsers: true,
 *
 *   run: (context) =>
 *     writeInChunks(context, async (tx, pending) => {
 *       const { changedAt, phase } = context;
 *       await phase("badges", async () => {
 *         for (const { userId, categoryId, active } of pending.flatMap(({ badgeChanges }) => badgeChanges))
 *           await tx.updateOne("badges", { userId, categoryId }, { active, changedAt });
 *       });
 *       await phase("grades", async () => {
 *         for (const { userId, newGrade } of pending)
 *           await tx.updateOne("users", { id: userId }, { grade: newGrade, gradeChangedAt: changedAt });
 *         await tx.insertMany("gradeLogs", gradeLogsOf(pending));
 *       });
 *       await phase("coupons", () => tx.insertMany("couponIssues", couponIssuesOf(pending)));
 *     }),
 * };
 * ```
 *
 * `bench run ./bulk-inserts.ts --orm mysql2` measures and verifies the strategy. An ORM is a file that exports `orm`.
 * CONTRIBUTING.md has an example of each.
 */

// strategies
export type { NativeVariant, Phase, Partition, Strategy, StrategyContext } from "./strategies/strategy.ts";
export type { ManyRowUpdate, UpdateColumn, UpdateForm, UpdateStep, UpdateValue } from "./strategies/update-form.ts";
export type { PendingUser, RunState } from "./strategies/steps.ts";
export {
  begin,
  commitChunks,
  couponIssuesOf,
  decideChunk,
  decideUser,
  end,
  gradeLogsOf,
  residueOf,
  usersInChunks,
  writeInChunks,
} from "./strategies/steps.ts";
export type { KeyScheme } from "./strategies/keys/key.ts";

// ORMs
export type {
  ApiLevel,
  Capability,
  ConnectionPolicy,
  ConnectOptions,
  Filter,
  Isolation,
  Orm,
  OrmSession,
  SqlValue,
} from "./orms/orm.ts";
export type { Residue } from "./orms/residue.ts";
export { connectionSetup } from "./orms/orm.ts";
export { columnRows, columnsOf } from "./orms/column-rows.ts";
export { withFirstError } from "./orms/first-error.ts";
export { explainHangUp, keysIn } from "./orms/hang-up.ts";
export type { RawDriver, SqlParameter } from "./orms/raw-session.ts";
export { inTransaction, RawSession } from "./orms/raw-session.ts";
export type { ConnectionTarget } from "./lib/target.ts";
export { mariadbTls, mysql2Tls } from "./lib/tls.ts";

// the job
export type { Window } from "./workload/calendar.ts";
export type {
  BadgeState,
  CouponDecision,
  CouponIssueRow,
  Grade,
  GradeLogRow,
  InsertRows,
  InsertTable,
  KeyStorage,
  OrderTotal,
  PaidOrder,
  UpdateRows,
  UpdateTable,
  UserDecision,
  UserState,
} from "./workload/tables.ts";
export { columnName, insertColumns, tableName } from "./workload/tables.ts";
export { decide, totalsOf } from "./workload/rules.ts";
