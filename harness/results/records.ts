/**
 * `records.jsonl` holds all measurements of a run, one JSON object per line. Line 1 is the run. Each verified sample adds one line,
 * and the last line states how the run ended. bench renders CSV, Markdown and tables from these lines. Unknown values are null,
 * never 0.
 */
import { z } from "zod";
import { ISOLATIONS } from "../../orms/orm.ts";
import { DURABILITIES, PARALLELS, SIDES, SPLITS, TRACKS } from "../plan/cell.ts";
import { costsSchema } from "./costs-schema.ts";
import { BenchError } from "../../lib/errors.ts";
import { environmentSchema } from "./environment.ts";
import { optimiserSchema } from "./optimiser.ts";
import { readRecordFile, renameFields, type JsonObject, type RecordFormat } from "./record-file.ts";

export const RECORDS_VERSION = 3;
export const RECORDS_FILE = "records.jsonl";

const cellSchema = z.object({
  id: z.string(),
  strategy: z.string(),
  orm: z.string(),
  key: z.string(),
  workers: z.number().int(),
  /** null: threads, as in older records */
  parallel: z.enum(PARALLELS).nullable().default(null),
  /** null: spans of ids, as in older records */
  split: z.enum(SPLITS).nullable().default(null),
  chunkUsers: z.number().int().nullable(),
  isolation: z.enum(ISOLATIONS).nullable().default(null),
  track: z.enum(TRACKS).default("default"),
  version: z.string().nullable().default(null),
  /** null: the server's setting */
  durability: z.enum(DURABILITIES).nullable().default(null),
  /** null: empty growing tables, as in older records */
  prefill: z.string().nullable().default(null),
  /** ms that a proxy added; null without a proxy */
  addedRttMs: z.number().nullable().default(null),
  side: z.enum(SIDES).nullable().default(null),
  api: z.enum(["native", "builder", "raw-sql"]),
  /** the file that ran; empty in older records */
  code: z.string().default(""),
});

/** The options of a gate, so that the records suffice for its verdict. */
const gateSchema = z.object({
  /** names of the sides, without paths of a machine */
  base: z.string().nullable(),
  candidate: z.string(),
  /** commit of the base tree; null if unknown, or for a gate within one tree */
  baseCommit: z.string().nullable(),
  /** ids of the compared cells */
  cellPairs: z.array(z.object({ base: z.string(), candidate: z.string() })),
  threshold: z.number(),
  alpha: z.number(),
  /** the user's text: `wall<600s` */
  conditions: z.array(z.string()),
  failOnInconclusive: z.boolean(),
  moreStatementsFail: z.boolean(),
});

const runSchema = z.object({
  type: z.literal("run"),
  version: z.number().int(),
  runId: z.string(),
  startedAt: z.string(),
  suite: z.string().nullable(),
  rounds: z.number().int(),
  orderSeed: z.number().int(),
  dataset: z.object({
    users: z.number().int(),
    orders: z.number().int(),
    dormantUsers: z.number().int(),
    dataSeed: z.number().int(),
    contentHash: z.string(),
    /** the version of the rows; records before version 2 of the rows lack it */
    generatorVersion: z.number().int().default(1),
  }),
  /** paid orders of the job's window, which each technique has to read; null in older records */
  paidOrders: z.number().int().nullable().default(null),
  cells: z.array(
    cellSchema.extend({
      ormClass: z.string(),
      /** the user's own ORM, named by a path; not known in version 1 */
      isOwnOrm: z.boolean().default(false),
      driver: z.string(),
      /** in charts; null in older records, and for an ORM that declares none */
      colour: z.string().nullable().default(null),
      limitMs: z.number().nullable(),
      /** samples at most, in the first rounds; null: one per round */
      maxRounds: z.number().int().nullable().default(null),
      /** valid for the pinned version of the library; other versions can have other settings */
      settings: z.record(z.string(), z.unknown()),
      /** null in older records */
      connection: z
        .object({
          poolConnections: z.number().int(),
          isolation: z.enum(ISOLATIONS).nullable(),
          statements: z.enum(["library", "text"]),
        })
        .nullable()
        .default(null),
    }),
  ),
  /** files of users, named by a path; empty in older records */
  plugIns: z
    .array(
      z.object({
        kind: z.enum(["strategy", "orm"]),
        id: z.string(),
        /** its name without folders */
        file: z.string(),
        /** of the content of this file */
        sha256: z.string(),
        /** the files of its package or folder that it imports by relative path, also indirectly; null: not recorded */
        imports: z.object({ files: z.number(), sha256: z.string() }).nullable().default(null),
        /** of an ORM: the packages that it declares, with the package that Node finds from its file; null: none */
        packages: z.array(z.object({ claimed: z.string(), name: z.string().nullable(), version: z.string().nullable() })),
      }),
    )
    .default([]),
  /** true: a time limit was shorter than a round, so the first round had the order of the suite */
  isFirstRoundCut: z.boolean().default(false),
  /** of `--buffer-pool` or the suite; the variables of the server have the size that it really had; null: its usual size */
  bufferPoolBytes: z.number().int().nullable().default(null),
  environment: environmentSchema,
  /** calibrated round-trip times, first the proxy without delay; empty without proxies */
  rtt: z.array(z.object({ requestedMs: z.number(), roundTripMs: z.number(), addedMs: z.number() })).default([]),
  /** the timeline of a suite, for reports */
  timeline: z
    .object({
      title: z.string(),
      stages: z.array(z.object({ label: z.string(), cellId: z.string() })),
      claims: z.array(z.object({ label: z.string(), minutes: z.number(), note: z.string() })),
      caution: z.string(),
    })
    .nullable()
    .default(null),
  /** of the page and the chart, by `--title` */
  title: z.string().nullable().default(null),
  /** the ORM that `--baseline` names; null: the fastest raw driver of this project */
  baseline: z.string().nullable().default(null),
  notes: z.array(z.string()),
  gate: gateSchema.nullable().default(null),
});

const sampleSchema = z.object({
  type: z.literal("sample"),
  startedAt: z.string(),
  cell: cellSchema,
  ormVersion: z.string().nullable(),
  /** version of the driver that the library resolves; null in older records */
  driverVersion: z.string().nullable().default(null),
  round: z.number().int(),
  position: z.number().int(),
  status: z.enum(["ok", "timed-out", "failed", "skipped"]),
  /** reason of a status other than ok, one line */
  reason: z.string().nullable(),
  verified: z.boolean().nullable(),
  /** null unless the sample is complete and verified */
  wallMs: z.number().nullable(),
  /** from `go` to `done` by the clock of bench, which no code of the cell can change; null in older records */
  outsideWallMs: z.number().nullable().default(null),
  phaseMs: z.object({ read: z.number(), badges: z.number(), grades: z.number(), coupons: z.number() }).nullable(),
  /** of a timed-out sample: the fraction of all rows that it wrote, and the time of the whole job at the pace after its first tenth */
  doneFraction: z.number().nullable(),
  estimatedWallMs: z.number().nullable(),
  rowsWritten: z.number().nullable(),
  rowsPerSecond: z.number().nullable(),
  statements: z.number().nullable(),
  /** as a latency proxy counted them, null without one: all round trips, and the longest chain of those that follow one another */
  roundTrips: z.number().nullable().default(null),
  /** null in version 1, which counted the busiest connection and so missed statements that a pool rotates */
  roundTripChain: z.number().nullable().default(null),
  retries: z.number().nullable(),
  clientCpuMs: z.number().nullable(),
  peakRssBytes: z.number().nullable(),
  /** event loop delay of the busiest worker in the measured process; null in older records */
  eventLoopDelayP99Ms: z.number().nullable().default(null),
  /** counters of the server; null in older records */
  costs: costsSchema.nullable().default(null),
  /** the statistics by which the server planned the sample; null in older records, or if the server does not show them */
  optimiser: optimiserSchema.nullable().default(null),
  quiesceMs: z.number().nullable(),
  warnings: z.array(z.string()),
});

/** An interrupted run was continued from here. */
const resumedSchema = z.object({
  type: z.literal("resumed"),
  resumedAt: z.string(),
  /** differences to the interrupted run; empty in older records */
  notes: z.array(z.string()).default([]),
});

const endSchema = z.object({ type: z.literal("end"), endedAt: z.string(), how: z.enum(["complete", "interrupted", "failed"]) });

export type GateRecord = z.infer<typeof gateSchema>;
export type RunRecord = z.infer<typeof runSchema>;
export type SampleRecord = z.infer<typeof sampleSchema>;
export type EndRecord = z.infer<typeof endSchema>;

/** The part of a sample record that the sampler returns. */
export type SampleResult = Omit<
  SampleRecord,
  "type" | "startedAt" | "cell" | "ormVersion" | "driverVersion" | "round" | "position"
>;

/** A run for reporters. */
export interface RunResults {
  readonly run: RunRecord;
  readonly samples: readonly SampleRecord[];
  /** number of continuations */
  readonly resumptions: number;
  /** null: the records contain no end */
  readonly end: EndRecord | null;
}

const recordSchema = z.discriminatedUnion("type", [runSchema, sampleSchema, resumedSchema, endSchema]);

/** Version 2 renamed fields and counts the chain of round trips over all connections. Version 3 renamed a field. */
const FORMAT: RecordFormat<z.infer<typeof recordSchema>> = {
  firstType: "run",
  version: RECORDS_VERSION,
  schema: recordSchema,
  command: "bench run",
  upgrades: {
    1: (record) => ({
      ...renameFields(record, { doneShare: "doneFraction", settleMs: "quiesceMs", longestChain: "busiestConnectionRoundTrips" }),
      ...(record["gate"] ? { gate: renameFields(record["gate"] as JsonObject, { couples: "cellPairs" }) } : {}),
    }),
    2: (record) =>
      Array.isArray(record["rtt"])
        ? { ...record, rtt: record["rtt"].map((point: JsonObject) => renameFields(point, { askedMs: "requestedMs" })) }
        : record,
  },
};

/**
 * Reads a run's records, of this version or an older one.
 * @throws BenchError RECORDS_UNREADABLE
 */
export async function readRecords(file: string): Promise<RunResults> {
  const records = await readRecordFile(file, FORMAT);
  const run = records.find((record) => record.type === "run");
  if (run === undefined)
    throw new BenchError(
      "RECORDS_UNREADABLE",
      `cannot read ${file}: it contains no run`,
      "pass the folder of a run: results/<date>/<machine>/<run>",
    );
  const last = records.at(-1);
  const resumptions = records.filter((record) => record.type === "resumed");
  return {
    // notes of resumptions join those of the run, without duplicates
    run: { ...run, notes: [...new Set([...run.notes, ...resumptions.flatMap(({ notes }) => notes)])] },
    samples: records.filter((record) => record.type === "sample"),
    resumptions: resumptions.length,
    // an end record before a resumption does not count
    end: last?.type === "end" ? last : null,
  };
}
