import { lying } from "./lying.ts";

/** Leaves out the step log, without which a rerun after a crash would fail. */
export const strategy = lying("skips-step-log", (real) => ({
  execute: (sql, params) => (sql.includes("step_execution_log") ? Promise.resolve() : real.execute(sql, params)),
}));
