import { strategy as honest } from "../../strategies/naive.ts";
import type { Strategy } from "../../strategies/strategy.ts";

// only in the measuring process, whose name the parent's checks do not have
if (process.argv[1]?.endsWith("child.ts") === true) await new Promise((resolve) => setTimeout(resolve, 1e9));

export const strategy: Strategy = { ...honest, id: "hangs-while-loading" };
