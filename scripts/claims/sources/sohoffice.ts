import type { ClaimSource } from "../claim.ts";

export const source: ClaimSource = {
  group: "published",
  name: "sohoffice/mysql-uuid-benchmark",
  url: "https://github.com/sohoffice/mysql-uuid-benchmark",
  year: null,
  environment: "Java, MySQL, 10,000 look-ups by a unique index on a desktop",
  claims: [
    {
      says: "A look-up by BINARY(16) is faster than one by VARCHAR(36).",
      figure: { kind: "pair", worse: 0.53, better: 0.21, unit: "ms" },
      measure: { kind: "not comparable", reason: "No published run has both binary and text keys." },
    },
  ],
};
