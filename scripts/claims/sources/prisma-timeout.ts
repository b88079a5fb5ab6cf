import type { ClaimSource } from "../claim.ts";

export const source: ClaimSource = {
  group: "published",
  name: "prisma/orm #29762",
  url: "https://github.com/prisma/orm/issues/29762",
  year: 2026,
  environment: "MySQL 8.0, interactive transactions",
  claims: [
    {
      says: "A transaction of Prisma over its timeout is not atomic: a statement commits after the rollback.",
      figure: { kind: "direction", quote: "a statement can commit after the rollback" },
      measure: {
        kind: "test",
        file: "test/orms/prisma-timeout.test.ts",
        title: "a transaction of Prisma over its timeout fails with P2028, and rows that it sent afterwards stay committed",
      },
      note: "No delay is injected here: a `createMany` of 4,000 rows takes longer than the timeout.",
    },
  ],
};
