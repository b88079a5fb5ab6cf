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
      measure: { kind: "not comparable", reason: "The data of this project fits the buffer pool." },
    },
  ],
};
