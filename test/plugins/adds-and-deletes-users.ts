import { strategy as honest } from "../../strategies/chunked.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** Deletes the last user and adds two others. */
export const strategy: Strategy = {
  ...honest,
  id: "adds-and-deletes-users",
  async run(context) {
    await honest.run(context);
    const { lastUserId } = context.partition;
    await context.session.execute("DELETE FROM users WHERE id = ?", [lastUserId]);
    for (const id of [lastUserId + 1_000, lastUserId + 1_001])
      await context.session.execute("INSERT INTO users VALUES (?, 'nobody', 'VIP', NULL, NOW())", [id]);
  },
};
