import type { Suite } from "./suite.ts";

export const suite: Suite = {
  id: "ci",
  summary: "what a gate compares: the two set-wise techniques x two drivers, Drizzle and Prisma, without row-by-row cells",
  groups: [
    {
      strategies: ["chunked", "case-when"],
      orms: ["mysql2", "mariadb", "drizzle", "prisma"],
      keys: ["identity"],
      chunkUsers: [500],
    },
  ],
  rounds: 3,
};
