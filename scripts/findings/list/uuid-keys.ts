import { count, duration } from "../../../harness/text/format.ts";
import type { Evidence } from "../evidence.ts";
import type { Finding } from "../finding.ts";
import { isBetter, isUndecided } from "../phrases.ts";

const identity = { strategy: "unit-of-work", orm: "mikro-orm" };
const uuid = { ...identity, key: "uuidv7" };
const workers = (key: string) => ({ ...identity, key, workers: 6 });
const statements = (evidence: Evidence) => evidence.cell("origin", uuid).statements;

export const finding: Finding = {
  topic: "keys and workers",
  order: 1,
  isHighlight: false,
  belief: "IDENTITY keys prevent batches of inserts, so a fast batch needs UUID keys.",
  runs: ["origin"],
  holds: (evidence) =>
    !isBetter(evidence.compare("origin", identity, uuid)) &&
    isUndecided(evidence.compare("origin", workers("uuidv7"), workers("uuidv4"))) &&
    evidence.cell("origin", identity).statements === statements(evidence),
  text: (evidence) => ({
    sentence: `UUID keys do not speed up inserts whose ids nobody needs: MikroORM's unit of work takes ${duration(evidence.time("origin", identity))} with IDENTITY keys, ${duration(evidence.time("origin", uuid))} with UUIDv7.`,
    numbers: [
      `Both send ${count(statements(evidence))} statements.`,
      `Random and time-ordered UUIDs take ${duration(evidence.time("origin", workers("uuidv4")))} and ${duration(evidence.time("origin", workers("uuidv7")))} with six workers, while all data fits in memory.`,
      "The batch reads no generated ids. Hibernate, which the belief is about, is not measured here.",
    ],
  }),
};
