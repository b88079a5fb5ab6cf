import { strategy as honest } from "../../strategies/naive.ts";
import type { Strategy } from "../../strategies/strategy.ts";

// as for a message that nobody sends
await new Promise(() => {});

export const strategy: Strategy = { ...honest, id: "never-loads" };
