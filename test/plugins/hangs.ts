import { strategy as honest } from "../../strategies/naive.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** Waits forever from the first call on. */
export const strategy: Strategy = {
  ...honest,
  id: "hangs",
  run: () => new Promise(() => {}),
};
