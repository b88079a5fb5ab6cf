import { strategy as honest } from "../../strategies/naive.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** As a bug in a driver's native code does: no error to catch, only a process that is gone. */
export const strategy: Strategy = {
  ...honest,
  id: "crashes",
  run: () => process.abort(),
};
