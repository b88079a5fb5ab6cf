import type { ClaimSource } from "../claim.ts";

export const source: ClaimSource = {
  group: "published",
  name: "brianfrankcooper/YCSB #1220",
  url: "https://github.com/brianfrankcooper/YCSB/pull/1220",
  year: 2018,
  environment: "Java, MariaDB 10.3 on a laptop, 100,000 rows",
  claims: [
    {
      says: "Multi-row INSERTs are faster than single ones.",
      figure: { kind: "pair", worse: 998, better: 4_154, unit: "rows/s" },
      measure: {
        kind: "cells",
        run: "origin",
        value: "inserts",
        worse: { strategy: "naive", orm: "mysql2" },
        better: { strategy: "case-when", orm: "mysql2" },
      },
    },
    {
      says: "A batch that the driver does not rewrite is slower than single INSERTs.",
      figure: { kind: "pair", worse: 563, better: 998, unit: "rows/s" },
      measure: { kind: "not comparable", reason: "The source does not say how many rows its batch commits together." },
    },
  ],
};
