import { strategy as honest } from "../../strategies/chunked.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** Counts rows for the optimiser while they are deleted, rolls the deletion back, and makes a histogram. */
export const strategy: Strategy = {
  ...honest,
  id: "changes-statistics",
  async run(context) {
    await honest.run(context);
    const { session } = context;
    await session
      .transaction(async (tx) => {
        await tx.execute("DELETE FROM badges WHERE user_id > 10", []);
        await session.query("ANALYZE TABLE badges", []);
        throw new Error("roll back");
      })
      .catch(() => {});
    await session.query("ANALYZE TABLE users UPDATE HISTOGRAM ON grade", []);
  },
};
