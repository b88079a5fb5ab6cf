import { strategy as honest } from "../../strategies/naive.ts";
import type { Strategy } from "../../strategies/strategy.ts";

// like a wait for a message that never arrives
await new Promise(() => {});

export const strategy: Strategy = { ...honest, id: "never-loads" };
