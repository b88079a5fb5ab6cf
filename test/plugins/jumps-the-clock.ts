import { strategy as honest } from "../../strategies/chunked.ts";
import type { Strategy } from "../../strategies/strategy.ts";

const HOUR_MS = 3_600_000;
const now = Date.now.bind(Date);
let reads = 0;
/** Each read of the clock is an hour ahead or behind, in the measuring process, and in the harness if it imports this file. */
const jumping = (): number => now() + (reads++ % 2 === 0 ? HOUR_MS : -HOUR_MS);

Date.now = jumping;
globalThis.Date = new Proxy(Date, {
  construct: (date, args: unknown[], newTarget) =>
    Reflect.construct(date, args.length === 0 ? [jumping()] : args, newTarget) as object,
});

/** Does the work on a machine whose clock changes repeatedly. */
export const strategy: Strategy = { ...honest, id: "jumps-the-clock" };
