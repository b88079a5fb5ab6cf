import { DEFAULT_OPTIONS } from "../../../api/options.ts";
import type { Target } from "../target.ts";
import { idleStatementsPerSecond } from "../idle.ts";
import { decimal } from "../../../harness/text/format.ts";

const MAX_PER_SECOND = 8;

export const target: Target = {
  order: 13,
  what: "statements per second of an idle member",
  limit: `at most ${MAX_PER_SECOND}`,
  source: { kind: "test", file: "test/api/costs.test.ts", figure: decimal(idleStatementsPerSecond(DEFAULT_OPTIONS), 1) },
  why: null,
};
