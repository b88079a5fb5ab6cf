import type { Strategy } from "./strategy.ts";

/**
 * JPA's flush and clear. Entities, an identity map and a flush are a library's own, so there is no general code: each
 * library that has them brings its native variant.
 */
export const strategy: Strategy = {
  id: "unit-of-work",
  summary: "entities loaded, changed and created in memory, one flush and clear per chunk of users",
  requires: ["unit-of-work"],
  usesChunks: true,
  splitsByUsers: true,
  roundTrips: "per-chunk",

  run() {
    throw new Error("a library with the capability unit-of-work has its native variant of this strategy");
  },
};
