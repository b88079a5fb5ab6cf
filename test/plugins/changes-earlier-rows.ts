import { strategy as honest } from "../../strategies/chunked.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** Does the job, and changes a row of an earlier run. */
export const strategy: Strategy = {
  ...honest,
  id: "changes-earlier-rows",
  async run(context) {
    await honest.run(context);
    await context.session.execute("UPDATE grade_logs_bin16 SET new_grade = 'NONE' WHERE run_id = 1 AND user_id = ?", [
      context.partition.firstUserId,
    ]);
  },
};
