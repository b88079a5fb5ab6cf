import type { Strategy } from "./strategy.ts";

/**
 * JPA's flush and clear. Only some libraries have entities, an identity map and a flush, so no general code exists. Each of
 * these libraries has a native variant.
 */
export const strategy: Strategy = {
  id: "unit-of-work",
  summary: "entities loaded, changed and created in memory, one flush and clear per chunk of users",
  requires: ["unit-of-work"],
  usesChunks: true,
  splitsByUsers: true,
  roundTrips: "per-chunk",

  run() {
    throw new Error(
      "the strategy unit-of-work has no general code: a library with the capability unit-of-work needs a native variant",
    );
  },
};
