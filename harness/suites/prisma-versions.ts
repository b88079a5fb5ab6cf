import type { Suite } from "./suite.ts";

/** 7.5.0 changed to prepared statements. A server then counted 40.8 million prepares and 3.3 million closes (prisma/prisma#29364). */
const VERSIONS = ["7.4.2", "7.5.0", "7.10.0"].map((version) => `prisma@${version}`);
const ORMS = ["mariadb", ...VERSIONS];

export const suite: Suite = {
  id: "prisma-versions",
  summary: "three minor versions of Prisma side by side, with the prepared statements that each leaves open",
  groups: [
    { strategies: ["set-based"], orms: ["mysql2"], keys: ["identity"], chunkUsers: [] },
    {
      strategies: ["chunked", "case-when"],
      orms: ORMS,
      keys: ["identity"],
      chunkUsers: [500],
    },
    {
      strategies: ["naive"],
      orms: ORMS,
      keys: ["identity"],
      chunkUsers: [],
      cellLimitMs: 60_000,
    },
  ],
  rounds: 3,
};
