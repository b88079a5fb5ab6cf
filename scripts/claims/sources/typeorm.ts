import type { ClaimSource } from "../claim.ts";

export const source: ClaimSource = {
  group: "published",
  name: "typeorm/typeorm #1115",
  url: "https://github.com/typeorm/typeorm/issues/1115",
  year: 2017,
  environment: "Node, PostgreSQL, up to 16,000 rows in one `save`",
  claims: [
    {
      says: "The time of `save` grows with the square of the rows.",
      figure: { kind: "direction", quote: "1.9 s for 1,000 rows, 438 s for 16,000" },
      measure: { kind: "not comparable", reason: "No published run measures TypeORM with several sizes." },
    },
  ],
};
