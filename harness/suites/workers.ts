import { ALL_ORMS, type Suite } from "./suite.ts";

export const suite: Suite = {
  id: "workers",
  summary: "chunked with 1, 2, 4 and 6 workers through each library, also as connections of one thread, and the reference",
  groups: [
    { strategies: ["set-based"], orms: ["mysql2"], keys: ["uuidv7"], chunkUsers: [] },
    {
      strategies: ["chunked"],
      orms: ALL_ORMS,
      keys: ["uuidv7"],
      chunkUsers: [500],
      workers: [1, 2, 4, 6],
    },
    {
      strategies: ["chunked"],
      orms: ["mysql2", "mariadb", "drizzle", "prisma"],
      keys: ["uuidv7"],
      chunkUsers: [500],
      workers: [1, 2, 6],
      parallels: ["connections"],
    },
  ],
  rounds: 3,
};
