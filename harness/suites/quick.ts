import type { Suite } from "./suite.ts";

/** Prisma runs on the mariadb driver: without mariadb cells the run has no ratio of Prisma to its own driver. */
const ORMS = ["mysql2", "mariadb", "drizzle", "prisma"];

export const suite: Suite = {
  id: "quick",
  summary:
    "four techniques through two drivers, Drizzle and Prisma in a few minutes; a limit of 8 s stops naive, and bench estimates its time",
  groups: [
    { strategies: ["set-based"], orms: ["mysql2"], keys: ["identity"], chunkUsers: [] },
    { strategies: ["naive"], orms: ORMS, keys: ["identity"], chunkUsers: [], cellLimitMs: 8_000 },
    { strategies: ["chunked", "case-when"], orms: ORMS, keys: ["identity"], chunkUsers: [500] },
  ],
  rounds: 1,
};
