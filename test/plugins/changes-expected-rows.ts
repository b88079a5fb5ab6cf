import { strategy as honest } from "../../strategies/chunked.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** Gives a user another grade, and changes the expected rows to it, where its account may. */
export const strategy: Strategy = {
  ...honest,
  id: "changes-expected-rows",
  async run(context) {
    await honest.run(context);
    if (context.partition.lastUserId <= 50) return;
    await context.session.execute("UPDATE users SET grade = 'NONE' WHERE id = 20", []);
    await context.session.execute("UPDATE _expected_users SET grade = 'NONE' WHERE id = 20", []);
  },
};
