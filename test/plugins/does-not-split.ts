import { strategy as honest } from "../../strategies/chunked.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** Does the whole job and ignores its partition. */
export const strategy: Strategy = { ...honest, id: "does-not-split", splitsByUsers: false };
