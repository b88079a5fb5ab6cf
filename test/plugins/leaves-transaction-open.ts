import { strategy as honest } from "../../strategies/chunked.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** Does the job, and then begins a transaction that it does not end. */
export const strategy: Strategy = {
  ...honest,
  id: "leaves-transaction-open",
  async run(context) {
    await honest.run(context);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    context.session
      .transaction(async (tx) => {
        await tx.query("SELECT COUNT(*) AS users FROM users", []);
        resolve();
        await new Promise(() => {});
      })
      .catch(reject);
    await promise;
  },
};
