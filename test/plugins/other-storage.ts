import { strategy as honest } from "../../strategies/chunked.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** Does the job, and writes a log row to the table of the other key storage too. */
export const strategy: Strategy = {
  ...honest,
  id: "other-storage",
  async run(context) {
    await honest.run(context);
    await context.session.execute(
      "INSERT INTO grade_logs_identity (run_id, user_id, previous_grade, new_grade, changed_at) VALUES (?, 1, 'VIP', 'VIP', ?)",
      [context.runId, context.changedAt],
    );
  },
};
