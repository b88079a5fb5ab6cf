import type { ClaimSource } from "../claim.ts";

export const source: ClaimSource = {
  group: "published",
  name: "Drizzle's documentation",
  url: "https://orm.drizzle.team/docs/perf-queries",
  year: null,
  environment: "Node; no figure",
  claims: [
    {
      says: "Drizzle has almost no overhead over its driver.",
      figure: { kind: "equal", quote: "almost 0 overhead" },
      measure: {
        kind: "cells",
        run: "quick",
        value: "time",
        worse: { strategy: "chunked", orm: "drizzle" },
        better: { strategy: "chunked", orm: "mysql2" },
      },
      note: "Prepared statements, which the page recommends, do not cover multi-row INSERTs.",
    },
  ],
};
