import type { Suite } from "./suite.ts";

const ORMS = ["mysql2", "mariadb", "drizzle", "prisma", "mikro-orm"];

export const suite: Suite = {
  id: "orms",
  summary: "every library by its own bulk interface and by CASE WHEN, as documented and with the same settings for all",
  groups: [
    { strategies: ["set-based"], orms: ["mysql2"], keys: ["identity"], chunkUsers: [] },
    { strategies: ["chunked", "case-when"], orms: ORMS, keys: ["identity"], chunkUsers: [500], tracks: ["default", "matched"] },
  ],
  rounds: 7,
};
