import { ALL_ORMS, type Suite } from "./suite.ts";

export const suite: Suite = {
  id: "workers",
  summary:
    "chunked with 1, 2, 4 and 6 workers through each library, by threads and connections, users by range and modulo, and the reference",
  groups: [
    // first the cells that can wait for each other's locks: the reference locks all rows of a worker in one transaction
    { strategies: ["set-based"], orms: ["mysql2"], keys: ["uuidv7"], chunkUsers: [], workers: [1, 6], splits: [null, "modulo"] },
    {
      strategies: ["chunked"],
      orms: ["mysql2", "mariadb", "drizzle", "prisma"],
      keys: ["uuidv7"],
      chunkUsers: [500],
      workers: [1, 2, 6],
      splits: [null, "modulo"],
    },
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
      splits: [null, "modulo"],
    },
  ],
  rounds: 3,
};
