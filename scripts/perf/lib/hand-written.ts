/** The operations whose cost is compared, as `adapters/<orm>.ts` writes them by hand on the library itself. */
import type { ConnectionTarget } from "../../../lib/target.ts";
import type { Window } from "../../../workload/calendar.ts";
import type { BadgeState, CouponIssueRow, Grade, GradeLogRow, OrderTotal } from "../../../workload/tables.ts";

/** Numbered by the server. */
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

/** What each file in `adapters/` exports as `connect`. The tables are the project's: their declaration is the library's own. */
export type ConnectByHand = (target: ConnectionTarget, poolConnections: number) => Promise<HandWritten>;
