import { TARGET_DATE, windowBefore } from "../../../workload/calendar.ts";
import type { Fault } from "../fault.ts";

const ID = 4_294_900_000;
const ORDERED = new Date(windowBefore(TARGET_DATE).to.getTime() - 86_400_000).toISOString().slice(0, 10);

export const fault: Fault = {
  id: "deleted-user",
  summary: "the window of the run has a paid order whose user does not exist any more",
  request: {},
  async inject(stage) {
    await stage.execute(
      `REPLACE INTO orders (id, user_id, category_id, amount, status, ordered_at) VALUES (${ID}, ${ID}, 1, 1000, 'paid', '${ORDERED}')`,
    );
    try {
      stage.mark("an order without a user");
      stage.prepared();
      await stage.untilEnded();
    } finally {
      await stage.execute(`DELETE FROM orders WHERE id = ${ID}`);
    }
  },
};
