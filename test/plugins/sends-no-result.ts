import { strategy as honest } from "../../strategies/chunked.ts";
import type { Strategy } from "../../strategies/strategy.ts";

type Send = (message: Record<string, unknown>, ...rest: unknown[]) => unknown;
const child = process as unknown as { _send?: Send };
const send = child._send?.bind(process);
if (send !== undefined)
  child._send = (message, ...rest) => send(message["type"] === "done" ? { type: "done" } : message, ...rest);

/** Does the job, and its last message has no result. */
export const strategy: Strategy = { ...honest, id: "sends-no-result" };
