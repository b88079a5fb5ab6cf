import type { Grade } from "../../workload/tables.ts";
import { lying } from "./lying.ts";

/** Writes `vip` for `VIP`: equal by the collation of the column, and another value for every program that reads it. */
export const strategy = lying("writes-lower-case", (real) => ({
  updateWhere: (table, filter, changes) =>
    real.updateWhere(table, filter, "grade" in changes ? { ...changes, grade: changes.grade.toLowerCase() as Grade } : changes),
}));
