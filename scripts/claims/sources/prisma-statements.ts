import type { ClaimSource } from "../claim.ts";

export const source: ClaimSource = {
  group: "published",
  name: "prisma/orm #29364",
  url: "https://github.com/prisma/orm/issues/29364",
  year: 2026,
  environment: "Prisma 7.5.0, a production server",
  claims: [
    {
      says: "Prisma's adapter leaves prepared statements open.",
      figure: { kind: "direction", quote: "40,802,294 prepared, 3,279,759 closed" },
      measure: {
        kind: "not comparable",
        reason: "The published runs have 7.3.0, 7.8.0 and 7.10.0, which leave no statement open.",
      },
      note: "`bench run --suite prisma-versions` compares further versions.",
    },
  ],
};
