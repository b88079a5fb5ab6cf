import { strategy as honest } from "../../strategies/chunked.ts";
import type { Strategy } from "../../strategies/strategy.ts";

const frozen = process.hrtime.bigint();
process.hrtime.bigint = () => frozen;
performance.now = () => 0;
Date.now = () => 0;

/** Does the work with stopped clocks, and reports an invented time. */
export const strategy: Strategy = {
  ...honest,
  id: "stops-the-clock",
  async run(context) {
    await honest.run({ ...context, phase: async (_phase, work) => work() });
    return { wallMs: 0.001 } as unknown as undefined;
  },
};
