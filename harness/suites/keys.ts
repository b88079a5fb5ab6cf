import type { Suite } from "./suite.ts";

const KEYS = ["identity", "uuidv7", "uuidv4", "uuidv7-text", "uuidv4-text"];

export const suite: Suite = {
  id: "keys",
  summary: "identity keys, and time-ordered and random UUIDs as bytes and as text, with 1 and 6 workers",
  groups: [
    { strategies: ["set-based"], orms: ["mysql2"], keys: KEYS, chunkUsers: [] },
    { strategies: ["chunked"], orms: ["mysql2", "mikro-orm"], keys: KEYS, chunkUsers: [500], workers: [1, 6] },
  ],
  rounds: 7,
};
