import { renewRowByRow } from "./row-by-row.ts";
import { begin, end, usersInChunks } from "./steps.ts";
import type { Strategy } from "./strategy.ts";

/** Reads and saves each row separately; each statement is its own transaction. */
export const strategy: Strategy = {
  id: "naive",
  summary: "per user: read, decide, save row by row with autocommit, like a getting-started page",
  requires: [],
  usesChunks: false,
  splitsByUsers: true,
  roundTrips: "per-row",

  async run(context) {
    const state = await begin(context);
    for await (const users of usersInChunks(context)) {
      for (const user of users) {
        const isTarget = await renewRowByRow(context, state, user, context.retry);
        context.session.clear();
        context.finished(user.id, isTarget ? 1 : 0);
      }
    }
    await end(context);
  },
};
