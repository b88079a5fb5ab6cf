import type { ClaimSource, VariantChoice } from "../claim.ts";

const under = (guard: string): VariantChoice => ({ guard, batch: "long" });

export const source: ClaimSource = {
  group: "origin",
  name: "No Redis, No Problem: requests beside the batch",
  url: "https://github.com/ichbinhyeok/memberShip",
  year: null,
  environment: "Spring Boot 3, MySQL 8, JMeter; load and percentile unknown",
  claims: [
    {
      says: "A flag in memory shortens the response beside the batch by 96 %.",
      figure: { kind: "pair", worse: 22.4, better: 0.43, unit: "s" },
      measure: { kind: "scenario", run: "api-long", value: "answer", worse: under("none"), better: under("memory-flag") },
      note: "The published 0.43 s are the time of a refusal (202), and not of the work. The work takes effect later.",
    },
    {
      says: "A flag in memory removes the errors of requests beside the batch.",
      figure: { kind: "vanishes", from: 0.5 },
      measure: { kind: "scenario", run: "api-long", value: "errors", worse: under("none"), better: under("memory-flag") },
    },
    {
      says: "With a shorter lock timeout, requests still fail, and with a flag in memory they do not.",
      figure: { kind: "direction", quote: "quick error, contention remains" },
      measure: { kind: "scenario", run: "api-long", value: "errors", worse: under("lock-timeout"), better: under("memory-flag") },
    },
    {
      says: "A flag in memory is faster than a flag in the database.",
      figure: { kind: "direction", quote: "database I/O on every request" },
      measure: { kind: "scenario", run: "api-long", value: "applied", worse: under("db-flag"), better: under("memory-flag") },
    },
    {
      says: "The division of users by modulo lets several servers share the work without conflicts.",
      figure: { kind: "direction", quote: "consistency conflicts: many before, 0 after" },
      measure: {
        kind: "not comparable",
        reason: "No run of this service has a conflict, with one instance or with several, because rows decide and not flags.",
      },
      note: "The protocol of the source has holes. The deliberate faults of `bench chaos` show what they do.",
    },
  ],
};
