import type { ClaimSource } from "../claim.ts";

export const source: ClaimSource = {
  group: "published",
  name: "tortoise/orm-benchmarks",
  url: "https://github.com/tortoise/orm-benchmarks",
  year: null,
  environment: "Python, MySQL 8, small table, the slowest ORM of each kind; durability unknown",
  claims: [
    {
      says: "An ORM's bulk insert is faster than its single inserts.",
      figure: { kind: "pair", worse: 386, better: 2_888, unit: "rows/s" },
      measure: {
        kind: "cells",
        run: "origin",
        value: "inserts",
        worse: { strategy: "naive", orm: "mikro-orm" },
        better: { strategy: "chunked", orm: "mikro-orm" },
      },
    },
  ],
};
