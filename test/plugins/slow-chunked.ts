import { setTimeout as delay } from "node:timers/promises";
import { strategy as chunked } from "../../strategies/chunked.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** Sends what chunked sends, many times slower. */
export const strategy: Strategy = {
  ...chunked,
  id: "slow-chunked",
  run: async (context) => {
    await delay(1_000);
    await chunked.run(context);
  },
};
