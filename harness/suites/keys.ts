import type { Suite } from "./suite.ts";

const KEYS = ["identity", "uuidv7", "uuidv4", "uuidv7-text", "uuidv4-text"];

export const suite: Suite = {
  id: "keys",
  summary:
    "identity keys, and time-ordered and random UUIDs as bytes and as text: in empty tables and after 10 runs, 1 and 6 workers, a buffer pool of 128 MB",
  groups: [
    {
      strategies: ["chunked"],
      orms: ["mysql2"],
      keys: KEYS,
      chunkUsers: [500],
      workers: [1, 6],
      prefills: ["10", null],
    },
    { strategies: ["set-based"], orms: ["mysql2"], keys: KEYS, chunkUsers: [] },
    { strategies: ["chunked"], orms: ["mikro-orm"], keys: KEYS, chunkUsers: [500], workers: [1, 6] },
  ],
  // the rows of ten runs with UUIDs take 265 MB and more, the orders 92 MB
  bufferPoolBytes: 128 * 2 ** 20,
  rounds: 7,
};
