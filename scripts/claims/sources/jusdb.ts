import type { ClaimSource } from "../claim.ts";

export const source: ClaimSource = {
  group: "published",
  name: "JusDB",
  url: "https://www.jusdb.com/blog",
  year: 2023,
  environment: "MySQL, a table of 50,000,000 rows",
  claims: [
    {
      says: "At 50 million rows, an insert with a random key takes much longer than before.",
      figure: { kind: "pair", worse: 2.3, better: 0.5, unit: "ms" },
      measure: {
        kind: "cells",
        run: "keys",
        value: "inserts",
        worse: { strategy: "chunked", orm: "mysql2", key: "uuidv4", prefill: "10" },
        better: { strategy: "chunked", orm: "mysql2", key: "uuidv4" },
      },
      note: "The tables here hold ten earlier runs, and the buffer pool has 128 MiB.",
    },
  ],
};
