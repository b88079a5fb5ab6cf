import { setTimeout as delay } from "node:timers/promises";
import { strategy as chunked } from "../../strategies/chunked.ts";
import type { Strategy } from "../../strategies/strategy.ts";

export const ADDED_MS = 1_000;

/** Sends the statements of chunked with a delay. */
export const strategy: Strategy = {
  ...chunked,
  id: "slow-chunked",
  run: async (context) => {
    await delay(ADDED_MS);
    await chunked.run(context);
  },
};
