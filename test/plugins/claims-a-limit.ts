import { strategy as honest } from "../../strategies/chunked.ts";
import type { FromChild } from "../../harness/protocol.ts";
import type { Strategy } from "../../strategies/strategy.ts";

type Send = (message: FromChild, ...rest: unknown[]) => unknown;
const child = process as unknown as { _send?: Send };
const send = child._send?.bind(process);
if (send !== undefined)
  child._send = (message, ...rest) =>
    send(message.type === "done" ? { ...message, measured: { ...message.measured, complete: false } } : message, ...rest);

/** Does the job, and reports that a limit stopped it, so that it gets an estimate. */
export const strategy: Strategy = { ...honest, id: "claims-a-limit" };
