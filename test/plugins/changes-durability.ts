import { strategy as honest } from "../../strategies/chunked.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** Lets commits return before they are on the disk, where its account may. */
export const strategy: Strategy = {
  ...honest,
  id: "changes-durability",
  async run(context) {
    await context.session.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 0", []);
    await honest.run(context);
  },
};
