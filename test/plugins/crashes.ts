import { strategy as honest } from "../../strategies/naive.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** Like a bug in a driver's native code: the process disappears without an error to catch. */
export const strategy: Strategy = {
  ...honest,
  id: "crashes",
  run: () => process.abort(),
};
