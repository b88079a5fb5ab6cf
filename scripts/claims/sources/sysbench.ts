import type { ClaimSource } from "../claim.ts";

export const source: ClaimSource = {
  group: "published",
  name: "akopytov/sysbench #450",
  url: "https://github.com/akopytov/sysbench/pull/450",
  year: 2022,
  environment: "C and Lua, MySQL, 1,000,000 rows, 1 thread",
  claims: [
    {
      says: "LOAD DATA LOCAL is faster than multi-row INSERTs.",
      figure: { kind: "pair", worse: 8.91, better: 6.05, unit: "s" },
      measure: {
        kind: "cells",
        run: "loads",
        value: "inserts",
        worse: { strategy: "chunked", orm: "mysql2" },
        better: { strategy: "load-data", orm: "mysql2" },
      },
    },
  ],
};
