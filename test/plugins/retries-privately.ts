import { strategy as honest } from "../../strategies/chunked.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** Repeats a deadlock without `context.retry`. */
export const strategy: Strategy = {
  ...honest,
  id: "retries-privately",
  async run(context) {
    await honest.run(context);
    await context.session
      .execute("SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'Deadlock found'", [])
      .catch(() => {});
  },
};
