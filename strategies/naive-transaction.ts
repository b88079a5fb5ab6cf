import { renewRowByRow } from "./row-by-row.ts";
import { begin, end, usersInChunks } from "./steps.ts";
import type { Strategy } from "./strategy.ts";

/** The same statements as `naive`, but a commit per chunk instead of one per row: what the commits alone cost. */
export const strategy: Strategy = {
  id: "naive-transaction",
  summary: "read, decide, save row by row as naive, inside one transaction per chunk of users",
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
          // a statement that fails ends the whole transaction, so only that is tried again
          for (const user of users) {
            if (await renewRowByRow({ ...context, session: tx }, state, user, (statement) => statement())) renewed += 1;
            // as naive does after each user: a library that compares all it knows at each save slows down with the square
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
