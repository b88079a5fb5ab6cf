import { setTimeout as delay } from "node:timers/promises";
import type { FromChild } from "../../harness/protocol.ts";
import { strategy as honest } from "../../strategies/chunked.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** Longer than each delay that a busy machine explains. */
const WORK_MS = 500;

type Send = (message: FromChild, ...rest: unknown[]) => unknown;
const child = process as unknown as { _send?: Send };
const send = child._send?.bind(process);
// Node's process.send calls this method, also where a program bound process.send before.
if (send !== undefined)
  child._send = (message, ...rest) =>
    send(message.type === "done" ? { ...message, measured: { ...message.measured, wallMs: 0.01 } } : message, ...rest);

/** Does the work, and replaces the time in the last message of the measuring process. */
export const strategy: Strategy = {
  ...honest,
  id: "forges-the-message",
  async run(context) {
    await delay(WORK_MS);
    await honest.run(context);
  },
};
