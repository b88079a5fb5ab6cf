import type { ClaimSource } from "../claim.ts";

const BATCH = (technique: string) => ({ guard: null, batch: `${technique}/mysql2 500` });

export const source: ClaimSource = {
  group: "published",
  name: "ChaseOxide/mysql-8-0-bulk-update",
  url: "https://github.com/ChaseOxide/mysql-8-0-bulk-update",
  year: null,
  environment: "Go, MySQL 8.0 in Docker, 100 to 10,000 rows",
  claims: [
    {
      says: "A join on UNION ALL updates rows faster than CASE WHEN.",
      figure: { kind: "direction", quote: "join > case" },
      measure: {
        kind: "cells",
        run: "updates",
        value: "updates",
        worse: { strategy: "case-when", orm: "mysql2", chunkUsers: 1_000 },
        better: { strategy: "join-union", orm: "mysql2", chunkUsers: 1_000 },
      },
    },
    {
      says: "CASE WHEN is far ahead of one UPDATE per row in a transaction.",
      figure: { kind: "direction", quote: "case >>> atom" },
      measure: {
        kind: "scenario",
        run: "api-techniques",
        value: "batch",
        worse: BATCH("naive-transaction"),
        better: BATCH("case-when"),
      },
    },
    {
      says: "A large join on UNION ALL fails by a thread stack overrun.",
      figure: { kind: "direction", quote: "Thread stack overrun if it contains too many UNION ALL" },
      measure: { kind: "not comparable", reason: "The source gives neither the number of rows nor the size of the stack." },
      note: "docs/updates.md has the sizes that pass here.",
    },
  ],
};
