import { strategy as honest } from "../../strategies/chunked.ts";
import type { Strategy } from "../../strategies/strategy.ts";
import { lyingSession } from "./lying.ts";

/** Does the whole job in one transaction, and does not await its COMMIT. */
export const strategy: Strategy = {
  ...honest,
  id: "commit-not-awaited",
  run(context) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    context.session
      .transaction(async (tx) => {
        const session = lyingSession(tx, () => ({ transaction: (work) => work(tx) }));
        await honest.run({ ...context, session });
        resolve();
      })
      .catch(reject);
    return promise;
  },
};
