/**
 * `api-records.jsonl` holds all measurements of a scenario. Line 1 is the scenario. Each checked run adds one line, and the last
 * line states how the scenario ended. Unknown values are null, never 0.
 */
import { join } from "node:path";
import { z } from "zod";
import { BATCH_STYLES } from "../../api/options.ts";
import { BenchError } from "../../lib/errors.ts";
import { PARALLELS, SPLITS } from "../plan/cell.ts";
import { environmentSchema } from "../results/environment.ts";
import { DISTURBANCES } from "./disturbances/registry.ts";
import { readRecordFile, renameFields, type JsonObject, type RecordFormat } from "../results/record-file.ts";

export const API_RECORDS_VERSION = 4;
export const API_RECORDS_FILE = "api-records.jsonl";

export const PHASES = ["before", "during", "after"] as const;
export type PhaseName = (typeof PHASES)[number];

const latencies = z.object({ count: z.number().int(), maxMs: z.number(), histogram: z.string() }).nullable();

const variantSchema = z.object({
  id: z.string(),
  guard: z.string().nullable(),
  batch: z.object({
    style: z.enum(BATCH_STYLES),
    chunkUsers: z.number().int().nullable(),
    pauseMs: z.number(),
    technique: z.string().nullable(),
    /** 1 in older records, whose techniques had one worker */
    workers: z.number().int().default(1),
    parallel: z.enum(PARALLELS).nullable().default(null),
    split: z.enum(SPLITS).nullable().default(null),
    /** behind nginx; null: one instance without nginx, as in older records */
    instances: z.number().int().nullable().default(null),
    disturbance: z
      .object({ kind: z.enum(DISTURBANCES.map(({ id }) => id)), at: z.number(), to: z.number().int().nullable() })
      .nullable()
      .default(null),
  }),
});

const scenarioSchema = z.object({
  type: z.literal("scenario"),
  version: z.number().int(),
  runId: z.string(),
  startedAt: z.string(),
  /** of the page and the chart, by `--title` */
  title: z.string().nullable().default(null),
  rounds: z.number().int(),
  seed: z.number().int(),
  ratePerSecond: z.number(),
  /** duration of each phase without a batch */
  quietMs: z.number(),
  clientTimeoutMs: z.number(),
  /** retries of a write; null in older records, whose clients had one attempt */
  clientRetries: z.number().int().nullable().default(null),
  service: z.object({ poolConnections: z.number(), poolWaitMs: z.number(), maxInFlight: z.number() }),
  dataset: z.object({ users: z.number(), orders: z.number(), dormantUsers: z.number(), dataSeed: z.number() }),
  variants: z.array(variantSchema),
  environment: environmentSchema,
  notes: z.array(z.string()),
});

const phaseSchema = z.object({
  durationMs: z.number(),
  sent: z.number().int(),
  /** from the due time of a request to its answer or its client timeout */
  latencies: z.object({
    read: latencies,
    applied: latencies,
    accepted: latencies,
    /** null in older records, whose clients repeated no write */
    replayed: latencies.default(null),
    declined: latencies,
    failed: latencies,
  }),
  /** delay of the generator between due time and sending; null in older records, which store it only per run */
  generatorLate: z.object({ p99Ms: z.number(), maxMs: z.number() }).nullable().default(null),
  /** further attempts of writes after a 503 or an unknown outcome; null in older records, whose clients had one attempt */
  retries: z.number().int().nullable().default(null),
  /** from acceptance to effect, of writes accepted in the phase; null in older records, which store it only per run */
  untilApplied: latencies.default(null),
  failures: z.record(z.string(), z.number()),
  /** waits for a database connection; the percentile is the upper bound of its bucket, null above all bounds */
  poolWait: z.object({ count: z.number(), meanMs: z.number().nullable(), p99AtMostMs: z.number().nullable() }),
  rowLockWaits: z.number().nullable(),
  deadlocks: z.number().nullable(),
});

/** Times are from the start of the batch, by the server's clock. */
const roundSchema = z.object({
  /** position of the member in the order of first commits */
  member: z.number().int(),
  users: z.number().int(),
  fromMs: z.number(),
  toMs: z.number(),
});

const disturbanceSchema = z.object({
  /** from the request that starts the batch to the disturbance */
  atMs: z.number(),
  /** the same from the start of the batch, by the server's clock */
  serverAtMs: z.number().nullable().default(null),
  /** undone users in the partition of the killed or paused instance; null: no instance was killed or paused */
  lostPartitionUsers: z.number().int().nullable(),
  /** from the disturbance to the first commit of such a user by another member, and to the last one; null: there was none */
  firstCommitMs: z.number().nullable(),
  lastCommitMs: z.number().nullable(),
  /** from the pause of an instance inside of a round to the end of its transaction; null otherwise, and in older records */
  rowsFreeMs: z.number().nullable().default(null),
  /** promised for the first of them: lease + poll + 2 x (longest round + pause) */
  firstCommitLimitMs: z.number().nullable(),
});

const sampleSchema = z.object({
  type: z.literal("sample"),
  startedAt: z.string(),
  variant: variantSchema,
  round: z.number().int(),
  status: z.enum(["ok", "failed"]),
  reason: z.string().nullable(),
  /** until the server finished the work of the reset; null in older records, which did not wait */
  quiesceMs: z.number().nullable().default(null),
  /** from the start of the service to the request that starts the batch; null in older records, in which not all variants waited */
  beforeBatchMs: z.number().nullable().default(null),
  /** from the request that starts the batch to its commit; null if the batch did not finish */
  batchMs: z.number().nullable(),
  /** part of `batchMs` until the batch selected its users */
  selectingMs: z.number().nullable(),
  targets: z.number().nullable(),
  /** users that the batch owned, and the times from their selection to their commit */
  ownedUsers: z.object({ count: z.number(), meanMs: z.number().nullable(), atMostMs: z.number().nullable() }).nullable(),
  /** users with a deferred or failed write during the batch */
  deferredUsers: z.number().nullable(),
  /** of a batch on several instances: users and rounds of each member, and the longest time between two commits; null otherwise */
  cluster: z
    .object({
      members: z.array(z.object({ users: z.number().int(), rounds: z.number().int() })),
      emptyRounds: z.number().int(),
      failedRounds: z.number().int(),
      longestGapMs: z.number().nullable(),
      /** of a committed round, from its first statement to its commit; null in older records, like the fields below */
      longestRoundMs: z.number().nullable().default(null),
      /** of a committed round, on average */
      statementsPerRound: z.number().nullable().default(null),
      /** from a round to the end of its hints on another member; the bound of the p99, null above all bounds */
      hintLagP99AtMostMs: z.number().nullable().default(null),
      /** from the round of a user to the effect of the writes that waited for it */
      appliedAfterRound: latencies.default(null),
      disturbance: disturbanceSchema.nullable().default(null),
      /** the committed rounds in order; null in older records, and beyond 1,000 rounds */
      rounds: z.array(roundSchema).nullable().default(null),
    })
    .nullable()
    .default(null),
  mostRowsLocked: z.number().nullable(),
  longestTransactionMs: z.number().nullable(),
  phases: z.object({ before: phaseSchema, during: phaseSchema, after: phaseSchema }).nullable(),
  /** of all accepted writes: from acceptance to effect, and the number per final status */
  untilApplied: latencies,
  acceptedEnds: z.record(z.string(), z.number()),
  /** delay of the generator between due time and sending, over all phases */
  generatorLateP99Ms: z.number().nullable(),
  verdict: z
    .object({
      consistent: z.boolean(),
      writes: z.number().int(),
      rules: z.array(z.string()),
      conflicts: z.array(
        z.object({ rule: z.string(), says: z.string(), count: z.number().int(), examples: z.array(z.string()) }),
      ),
    })
    .nullable(),
  warnings: z.array(z.string()),
});

const endSchema = z.object({ type: z.literal("end"), endedAt: z.string(), how: z.enum(["complete", "interrupted", "failed"]) });

type ScenarioRecord = z.infer<typeof scenarioSchema>;
export type ApiSampleRecord = z.infer<typeof sampleSchema>;
export type PhaseRecord = z.infer<typeof phaseSchema>;

export interface ScenarioResults {
  readonly scenario: ScenarioRecord;
  readonly samples: readonly ApiSampleRecord[];
  /** null: the records contain no end */
  readonly how: z.infer<typeof endSchema>["how"] | null;
}

const recordSchema = z.discriminatedUnion("type", [scenarioSchema, sampleSchema, endSchema]);

/** Version 3 had another name for the undone users in the partition of an instance. */
function withPartitionNames(record: JsonObject): JsonObject {
  const cluster = record["cluster"] as JsonObject | null | undefined;
  const disturbance = cluster?.["disturbance"] as JsonObject | null | undefined;
  if (disturbance == null) return record;
  return { ...record, cluster: { ...cluster, disturbance: renameFields(disturbance, { shareUsers: "lostPartitionUsers" }) } };
}

/** Versions 2 and 4 renamed fields. Version 3 added fields to phases, whose defaults stand for their absence. */
const FORMAT: RecordFormat<z.infer<typeof recordSchema>> = {
  firstType: "scenario",
  version: API_RECORDS_VERSION,
  schema: recordSchema,
  command: "bench api run",
  upgrades: {
    1: (record) => renameFields(record, { settleMs: "quiesceMs" }),
    3: (record) => withPartitionNames(renameFields(record, { usersPutOff: "deferredUsers" })),
  },
};

/** @throws BenchError RECORDS_UNREADABLE */
export async function readScenario(folder: string): Promise<ScenarioResults> {
  const file = join(folder, API_RECORDS_FILE);
  const records = await readRecordFile(file, FORMAT);
  const scenario = records.find((record) => record.type === "scenario");
  if (scenario === undefined)
    throw new BenchError(
      "RECORDS_UNREADABLE",
      `cannot read ${file}: it contains no scenario`,
      "pass the folder of a `bench api run`",
    );
  const last = records.at(-1);
  return {
    scenario,
    samples: records.filter((record) => record.type === "sample"),
    how: last?.type === "end" ? last.how : null,
  };
}
