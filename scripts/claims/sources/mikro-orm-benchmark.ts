import type { ClaimSource } from "../claim.ts";

export const source: ClaimSource = {
  group: "published",
  name: "mikro-orm/benchmark",
  url: "https://github.com/mikro-orm/benchmark",
  year: null,
  environment: "Node, MySQL 5.7, 10,000 entities",
  claims: [
    {
      says: "MikroORM inserts 10,000 entities in 147 ms.",
      figure: { kind: "direction", quote: "147 ms, about 68,000 rows/s" },
      measure: { kind: "not comparable", reason: "A time without a second side belongs to its machine." },
    },
    {
      says: "MikroORM updates 10,000 entities in 195 ms.",
      figure: { kind: "direction", quote: "195 ms, about 51,000 rows/s" },
      measure: { kind: "not comparable", reason: "A time without a second side belongs to its machine." },
    },
  ],
};
