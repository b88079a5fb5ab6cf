/**
 * `chaos-records.jsonl`: line 1 states what runs. Each start of the command adds a line, and so does each finished trial. Times of a trial
 * begin at its request of the batch.
 */
import { join } from "node:path";
import { z } from "zod";
import { firstRecord, readRecordFile, type RecordFormat } from "../results/record-file.ts";
import { startSchema, type StartRecord } from "./start.ts";

export const CHAOS_RECORDS_VERSION = 2;
export const CHAOS_RECORDS_FILE = "chaos-records.jsonl";

const chaosSchema = z.object({
  type: z.literal("chaos"),
  version: z.number().int(),
  startedAt: z.string(),
  seed: z.number().int(),
  partitioning: z.string(),
  members: z.number().int(),
  users: z.number().int(),
  leaseMs: z.number(),
  ratePerSecond: z.number(),
  recoveryLimitMs: z.number(),
  requestLimitMs: z.number(),
  serverVersion: z.string(),
  invariants: z.array(z.object({ id: z.string(), says: z.string() })),
});

const trialSchema = z.object({
  type: z.literal("trial"),
  fault: z.string(),
  /** from 1 */
  trial: z.number().int(),
  seed: z.number().int(),
  startedAt: z.string(),
  /** false: the run ended before the fault could act */
  isApplied: z.boolean(),
  status: z.string(),
  /** from the request of the batch to its end; null: it did not end */
  endedAtMs: z.number().nullable(),
  /** from the last act of the fault before the end of the run to that end; null without one of them */
  recoveryMs: z.number().nullable(),
  requests: z.number().int(),
  affectedRequests: z.number().int(),
  /** why the first attempt could not run; null: this is the first attempt */
  repeatedAfter: z.string().nullable().default(null),
  /** names of members that were counted out by mistake */
  nearMisses: z.array(z.string()),
  violations: z.array(z.object({ invariant: z.string(), count: z.number().int(), examples: z.array(z.string()) })),
  marks: z.array(z.object({ atMs: z.number(), what: z.string() })),
  /** the locks of each round on its users, as the proxies saw them */
  holds: z.array(z.object({ member: z.string(), fromMs: z.number(), toMs: z.number(), isCommitted: z.boolean() })).default([]),
  /** requests that failed at first or took long */
  slowRequests: z.array(z.object({ fromMs: z.number(), toMs: z.number(), isFailed: z.boolean() })).default([]),
  rounds: z.array(z.object({ member: z.string(), users: z.number().int(), fromMs: z.number(), toMs: z.number() })),
});

export type ChaosRecord = z.infer<typeof chaosSchema>;
export type TrialRecord = z.infer<typeof trialSchema>;

export interface ChaosResults {
  readonly chaos: ChaosRecord;
  /** none in version 1 */
  readonly starts: readonly StartRecord[];
  readonly trials: readonly TrialRecord[];
}

const lineSchema = z.discriminatedUnion("type", [chaosSchema, startSchema, trialSchema]);

const FORMAT: RecordFormat<z.infer<typeof lineSchema>> = {
  firstType: "chaos",
  version: CHAOS_RECORDS_VERSION,
  schema: lineSchema,
  command: "bench chaos",
  upgrades: {},
};

/** @throws BenchError RECORDS_UNREADABLE */
export async function readChaos(folder: string): Promise<ChaosResults> {
  const file = join(folder, CHAOS_RECORDS_FILE);
  const lines = await readRecordFile(file, FORMAT);
  const chaos = firstRecord(file, lines, "chaos");
  return {
    chaos,
    starts: lines.filter((line) => line.type === "start"),
    trials: lines.filter((line) => line.type === "trial"),
  };
}

/** The trials of each fault whose course is stored. The first reached one gives the timeline of the fault. */
const TRIALS_WITH_COURSE = 3;
const DECIMALS = 10;

function rounded<Span extends { readonly fromMs: number; readonly toMs: number }>(spans: readonly Span[]): Span[] {
  const round = (ms: number): number => Math.round(ms * DECIMALS) / DECIMALS;
  return spans.map((span) => ({ ...span, fromMs: round(span.fromMs), toMs: round(span.toMs) }));
}

/**
 * The record to store: the course only of the first trials and of trials with a violation. With every course, a trial has 5 KB, and 300
 * trials of each fault 70 MB. `--replay` shows the course of any trial.
 */
export function storedTrial(record: TrialRecord): TrialRecord {
  const hasCourse = record.trial <= TRIALS_WITH_COURSE || record.violations.length > 0;
  return {
    ...record,
    rounds: hasCourse ? rounded(record.rounds) : [],
    holds: hasCourse ? rounded(record.holds) : [],
    slowRequests: hasCourse ? rounded(record.slowRequests) : [],
  };
}
