import type { ClaimSource } from "../claim.ts";

export const source: ClaimSource = {
  group: "published",
  name: "JS-AK/db-orm-benchmarks",
  url: "https://github.com/JS-AK/db-orm-benchmarks",
  year: null,
  environment: "Node, PostgreSQL 16, 50,000 queries",
  claims: [
    {
      says: "The ranking of the ORMs depends on whether queries run in turn or at once.",
      figure: { kind: "direction", quote: "Prisma first with Promise.all, last in a loop" },
      measure: {
        kind: "not comparable",
        reason: "A batch in one transaction sends its statements in turn, and the engine is PostgreSQL.",
      },
    },
  ],
};
