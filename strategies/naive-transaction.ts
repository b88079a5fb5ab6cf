import { renewRowByRow } from "./row-by-row.ts";
import { begin, end, usersInChunks } from "./steps.ts";
import type { Strategy } from "./strategy.ts";

/**
 * The same statements as `naive`, with one commit per chunk instead of one per row. The difference is the cost of the
 * commits.
 */
export const strategy: Strategy = {
  id: "naive-transaction",
  summary: "read, decide, save row by row like naive, in one transaction per chunk of users",
  requires: [],
  usesChunks: true,
  splitsByUsers: true,
  roundTrips: "per-row",

  async run(context) {
    const { session, retry } = context;
    const state = await begin(context);
    for await (const users of usersInChunks(context)) {
      const targets = await retry(() =>
        session.transaction(async (tx) => {
          let renewed = 0;
          // A failed statement ends the whole transaction, so only the transaction is retried and not the statement.
          for (const user of users) {
            if (await renewRowByRow({ ...context, session: tx }, state, user, (statement) => statement())) renewed += 1;
            // Like naive after each user. A library that compares all its entities at each save would slow down with their
            // square.
            tx.clear();
          }
          return renewed;
        }),
      );
      session.clear();
      context.finished(users.at(-1)?.id ?? 0, targets);
    }
    await end(context);
  },
};
