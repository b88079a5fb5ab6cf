import type { ClaimSource } from "../claim.ts";

const ROW_BY_ROW = { strategy: "naive", orm: "mikro-orm" };
const DRIVER_BATCH = { strategy: "driver-batch", orm: "mariadb" };
const MULTI_ROW = { strategy: "case-when", orm: "mysql2" };

export const source: ClaimSource = {
  group: "published",
  name: "A Korean blog on Spring Batch writers",
  url: "https://oscarr.netlify.app/software.backend/spring-batch/14-writer-advanced",
  year: null,
  environment: "Java, MySQL 8.0, 1,000,000 inserts; durability unknown",
  claims: [
    {
      says: "JDBC batches of 100 rows are faster than one JPA save per row.",
      figure: { kind: "pair", worse: 520, better: 85, unit: "s" },
      measure: { kind: "cells", run: "origin", value: "inserts", worse: ROW_BY_ROW, better: DRIVER_BATCH },
    },
    {
      says: "One multi-row INSERT is faster than a batch of single ones (rewriteBatchedStatements).",
      figure: { kind: "pair", worse: 85, better: 18, unit: "s" },
      measure: { kind: "cells", run: "origin", value: "inserts", worse: DRIVER_BATCH, better: MULTI_ROW },
      note: "The two sides use different drivers.",
    },
    {
      says: "Multi-row INSERTs of 1,000 rows are faster than one JPA save per row.",
      figure: { kind: "pair", worse: 520, better: 9, unit: "s" },
      measure: {
        kind: "cells",
        run: "origin",
        value: "inserts",
        worse: ROW_BY_ROW,
        better: { strategy: "chunked", orm: "mikro-orm" },
      },
    },
  ],
};
