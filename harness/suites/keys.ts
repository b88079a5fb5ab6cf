import type { Suite } from "./suite.ts";

export const suite: Suite = {
  id: "keys",
  summary: "identity, time-ordered and random UUID keys, with 1, 2, 4 and 6 workers",
  groups: [
    { strategies: ["set-based"], orms: ["mysql2"], keys: ["identity", "uuidv7", "uuidv4"], chunkUsers: [] },
    {
      strategies: ["chunked"],
      orms: ["mysql2", "mikro-orm"],
      keys: ["identity", "uuidv7", "uuidv4"],
      chunkUsers: [500],
      workers: [1, 2, 4, 6],
    },
  ],
  rounds: 7,
};
