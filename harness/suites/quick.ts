import type { Suite } from "./suite.ts";

export const suite: Suite = {
  id: "quick",
  summary: "four techniques x mysql2, Drizzle and Prisma in a few minutes: naive cells are stopped after 8 s and estimated",
  groups: [
    { strategies: ["set-based"], orms: ["mysql2"], keys: ["identity"], chunkUsers: [] },
    { strategies: ["naive"], orms: ["mysql2", "drizzle", "prisma"], keys: ["identity"], chunkUsers: [], cellLimitMs: 8_000 },
    { strategies: ["chunked", "case-when"], orms: ["mysql2", "drizzle", "prisma"], keys: ["identity"], chunkUsers: [500] },
  ],
  rounds: 1,
};
