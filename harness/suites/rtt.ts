import type { Suite } from "./suite.ts";

const ADDED = [0, 0.5, 1, 5];

export const suite: Suite = {
  id: "rtt",
  summary: "techniques with 0 to 5 ms of added latency on each round trip",
  groups: [
    { strategies: ["set-based"], orms: ["mysql2"], keys: ["identity"], chunkUsers: [], addedRttsMs: ADDED },
    {
      strategies: ["chunked", "case-when"],
      orms: ["mysql2", "mariadb", "drizzle", "prisma"],
      keys: ["identity"],
      chunkUsers: [500],
      addedRttsMs: ADDED,
    },
    { strategies: ["driver-batch"], orms: ["mariadb"], keys: ["identity"], chunkUsers: [500], addedRttsMs: ADDED },
  ],
  rounds: 3,
};
