import { cellId } from "../plan/cell.ts";
import type { CellGroup, Suite, TimelineStage } from "./suite.ts";

interface OriginStage {
  readonly label: string;
  readonly strategy: string;
  readonly orm: string;
  readonly key?: string;
  readonly workers?: number;
}

const CHUNK_USERS = 500;
const UNCHUNKED = new Set(["naive"]);

/** MikroORM takes the place of JPA: both have an identity map and a unit of work. The drivers take the place of a SQL mapper. */
const STAGES: readonly OriginStage[] = [
  { label: "full ORM, initial: row by row, IDENTITY", strategy: "naive", orm: "mikro-orm" },
  { label: "SQL mapper, initial: row by row", strategy: "naive", orm: "mysql2" },
  { label: "full ORM, the UPDATE detour", strategy: "preinsert-update", orm: "mikro-orm" },
  { label: "SQL mapper, the driver's batches", strategy: "driver-batch", orm: "mariadb" },
  { label: "SQL mapper, final: CASE WHEN", strategy: "case-when", orm: "mysql2" },
  { label: "full ORM, flush and clear, IDENTITY", strategy: "unit-of-work", orm: "mikro-orm" },
  { label: "full ORM, UUID, flush and clear", strategy: "unit-of-work", orm: "mikro-orm", key: "uuidv7" },
  {
    label: "full ORM, final: 6 workers, time-ordered UUID",
    strategy: "unit-of-work",
    orm: "mikro-orm",
    key: "uuidv7",
    workers: 6,
  },
  { label: "the same with random UUID", strategy: "unit-of-work", orm: "mikro-orm", key: "uuidv4", workers: 6 },
  { label: "what the origin lacked: the ORM's bulk insert, IDENTITY", strategy: "chunked", orm: "mikro-orm" },
];

const chunkOf = ({ strategy }: OriginStage): number | null => (UNCHUNKED.has(strategy) ? null : CHUNK_USERS);

/** Hand-written baselines that no stage covers; they show the cost of the library. A unit of work has no such baseline. */
const BASELINES: CellGroup = {
  strategies: ["preinsert-update", "chunked"],
  orms: ["mysql2"],
  keys: ["identity"],
  chunkUsers: [CHUNK_USERS],
};

/** Row by row takes minutes, and differs from all others by more than any noise. */
const groupOf = (stage: OriginStage): CellGroup => ({
  strategies: [stage.strategy],
  orms: [stage.orm],
  keys: [stage.key ?? "identity"],
  chunkUsers: [CHUNK_USERS],
  workers: [stage.workers ?? 1],
  ...(UNCHUNKED.has(stage.strategy) && { maxRounds: 1 }),
});

const stageOf = (stage: OriginStage): TimelineStage => ({
  label: stage.label,
  cellId: cellId({
    strategy: stage.strategy,
    orm: stage.orm,
    key: stage.key ?? "identity",
    workers: stage.workers ?? 1,
    chunkUsers: chunkOf(stage),
    isolation: null,
    track: "default",
  }),
});

export const suite: Suite = {
  id: "origin",
  summary:
    "the steps of a Java project from 81 to 1.3 minutes, with one complete row-by-row sample per library; takes over an hour",
  groups: [
    { strategies: ["set-based"], orms: ["mysql2"], keys: ["identity"], chunkUsers: [] },
    ...STAGES.map(groupOf),
    BASELINES,
  ],
  rounds: 7,
  timeline: {
    title: "The origin's timeline",
    stages: STAGES.map(stageOf),
    claims: [
      { label: "JPA, initial: IDENTITY keys, no batching", minutes: 81.48, note: "full ORM, initial" },
      { label: "MyBatis, initial: foreach insert", minutes: 48.5, note: "SQL mapper, initial" },
      { label: "JPA before the UPDATE detour", minutes: 57, note: "full ORM, initial" },
      { label: "JPA with the UPDATE detour", minutes: 17, note: "the UPDATE detour" },
      {
        label: "MyBatis with ExecutorType.BATCH: 4.2 times faster than its initial",
        minutes: 48.5 / 4.2,
        note: "the driver's batches",
      },
      { label: "MyBatis, final: CASE WHEN", minutes: 2, note: "CASE WHEN" },
      { label: "JPA, final: UUID, 6 threads, flush and clear", minutes: 1.3, note: "6 workers, random UUID" },
      {
        label: "JPA, final, with time-ordered in place of random UUIDs: about 6 s more",
        minutes: 1.3 + 6 / 60,
        note: "6 workers, time-ordered UUID",
      },
    ],
    caution:
      "The origin measured its minutes on other hardware, in Java, with another schema and unknown durability. Compare only the ratios of the two columns.",
  },
};
