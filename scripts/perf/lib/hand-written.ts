/** The compared operations. `adapters/<orm>.ts` implements each with direct calls of the library. */
import type { ConnectionTarget } from "../../../lib/target.ts";
import type { Window } from "../../../workload/calendar.ts";
import type { BadgeState, CouponIssueRow, Grade, GradeLogRow, OrderTotal } from "../../../workload/tables.ts";

/** The server assigns the key. */
export type CouponRow = Omit<CouponIssueRow, "id">;
type LogRow = Omit<GradeLogRow, "id">;

export interface HandWritten extends AsyncDisposable {
  insertCoupons(rows: CouponRow[]): Promise<void>;
  updateBadges(categoryId: number, userIds: number[], active: boolean, changedAt: Date): Promise<void>;
  insertGradeLog(row: LogRow): Promise<void>;
  updateUser(id: number, grade: Grade, gradeChangedAt: Date): Promise<void>;
  orderTotals(firstUserId: number, lastUserId: number, window: Window): Promise<OrderTotal[]>;
  badges(firstUserId: number, lastUserId: number): Promise<BadgeState[]>;
}

/** Each file in `adapters/` exports it as `connect`. It uses the project's tables, declared in the idiom of the library. */
export type ConnectHandWritten = (target: ConnectionTarget, poolConnections: number) => Promise<HandWritten>;
