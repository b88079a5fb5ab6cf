import type { Suite } from "./suite.ts";

export const suite: Suite = {
  id: "ci",
  summary: "cells for a gate: chunked and case-when through two drivers, Drizzle and Prisma, without row-by-row techniques",
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
