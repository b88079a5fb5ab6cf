import type { Target } from "../target.ts";

export const target: Target = {
  order: 1,
  what: "statements of a round beyond those of a chunk of one process",
  limit: "exactly 2",
  source: { kind: "test", file: "test/api/costs.test.ts", figure: "2" },
  why: null,
};
