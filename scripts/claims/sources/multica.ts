import type { ClaimSource } from "../claim.ts";

export const source: ClaimSource = {
  group: "published",
  name: "multica-ai/multica #7230",
  url: "https://github.com/multica-ai/multica/pull/7230",
  year: 2026,
  environment: "PostgreSQL 17, 500,000 rows, only a UUID column",
  claims: [
    {
      says: "Time-ordered UUIDs are inserted faster than random ones.",
      figure: { kind: "pair", worse: 727, better: 245, unit: "ms" },
      measure: {
        kind: "cells",
        run: "keys",
        value: "inserts",
        worse: { strategy: "chunked", orm: "mysql2", key: "uuidv4" },
        better: { strategy: "chunked", orm: "mysql2", key: "uuidv7" },
      },
      note: "A table of InnoDB is stored in the order of its primary key, and a table of PostgreSQL is not.",
    },
    {
      says: "In a table full of random keys, time-ordered ones make the index 21 % larger.",
      figure: { kind: "factor", times: 1.21 },
      measure: { kind: "not comparable", reason: "No published run has a table of one kind of key and inserts of another." },
    },
  ],
};
