import { DEFAULT_OPTIONS } from "../../../api/options.ts";
import type { Target } from "../target.ts";
import { idleStatementsPerSecond } from "../idle.ts";

const MAX_PER_SECOND = 8;

export const target: Target = {
  order: 13,
  what: "statements per second of an idle member",
  limit: `at most ${MAX_PER_SECOND}`,
  source: { kind: "test", file: "test/api/costs.test.ts", figure: idleStatementsPerSecond(DEFAULT_OPTIONS).toFixed(1) },
  why: null,
};
