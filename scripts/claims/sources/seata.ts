import type { ClaimSource } from "../claim.ts";

export const source: ClaimSource = {
  group: "published",
  name: "apache/incubator-seata #3291",
  url: "https://github.com/apache/incubator-seata/pull/3291",
  year: 2020,
  environment: "Java, MySQL, 10,000 rows, medians of three",
  claims: [
    {
      says: "One multi-row INSERT is faster than a batch of single ones (rewriteBatchedStatements).",
      figure: { kind: "pair", worse: 2_130, better: 204, unit: "ms" },
      measure: {
        kind: "cells",
        run: "origin",
        value: "inserts",
        worse: { strategy: "driver-batch", orm: "mariadb" },
        better: { strategy: "case-when", orm: "mysql2" },
      },
      note: "The two sides use different drivers.",
    },
  ],
};
