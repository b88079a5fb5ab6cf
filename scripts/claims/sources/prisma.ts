import type { ClaimSource } from "../claim.ts";

export const source: ClaimSource = {
  group: "published",
  name: "Prisma's blog on the query compiler",
  url: "https://www.prisma.io/blog/rust-to-typescript-update-boosting-prisma-orm-performance",
  year: 2025,
  environment: "Node, PostgreSQL, reads",
  claims: [
    {
      says: "Prisma reads faster without its engine in Rust.",
      figure: { kind: "direction", quote: "faster queries than with the Rust engine" },
      measure: {
        kind: "not comparable",
        reason: "The job of this project writes, and no published run has a version of Prisma with that engine.",
      },
    },
  ],
};
