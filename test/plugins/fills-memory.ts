import { strategy as honest } from "../../strategies/naive.ts";
import type { Strategy } from "../../strategies/strategy.ts";

const NUMBERS_AT_ONCE = 10_000;

/** Keeps every allocated object until the process runs out of memory. */
export const strategy: Strategy = {
  ...honest,
  id: "fills-memory",
  async run() {
    const kept: number[][] = [];
    for (;;) kept.push(Array.from({ length: NUMBERS_AT_ONCE }, (_, index) => index));
  },
};
