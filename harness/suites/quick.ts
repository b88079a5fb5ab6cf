import type { Suite } from "./suite.ts";

/** Prisma runs on the mariadb driver, so that belongs beside it: else nobody sees what of a time is the library's. */
const ORMS = ["mysql2", "mariadb", "drizzle", "prisma"];

export const suite: Suite = {
  id: "quick",
  summary: "four techniques x two drivers, Drizzle and Prisma in a few minutes: naive cells are stopped after 8 s and estimated",
  groups: [
    { strategies: ["set-based"], orms: ["mysql2"], keys: ["identity"], chunkUsers: [] },
    { strategies: ["naive"], orms: ORMS, keys: ["identity"], chunkUsers: [], cellLimitMs: 8_000 },
    { strategies: ["chunked", "case-when"], orms: ORMS, keys: ["identity"], chunkUsers: [500] },
  ],
  rounds: 1,
};
