import { isMainThread } from "node:worker_threads";
import { strategy as honest } from "../../strategies/chunked.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** Shows in which thread the workers run. */
export const strategy: Strategy = {
  ...honest,
  id: "refuses-threads",
  async run(context) {
    if (!isMainThread) throw new Error("this worker has a thread");
    await honest.run(context);
  },
};
