/**
 * `power-records.jsonl`: line 1 states what runs. Each start of the command adds a line, and so does each trial of a service with one
 * deliberate fault. Files of earlier versions have no line 1 and no starts, and their lines have no type.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { readRecordFile, type RecordFormat } from "../../results/record-file.ts";
import { startSchema, type StartRecord } from "../start.ts";

export const POWER_RECORDS_VERSION = 1;
export const POWER_RECORDS_FILE = "power-records.jsonl";

const powerSchema = z.object({
  type: z.literal("power"),
  version: z.number().int(),
  startedAt: z.string(),
  seed: z.number().int(),
  partitioning: z.string(),
});

const trialSchema = z.object({
  type: z.literal("trial"),
  mutant: z.string(),
  fault: z.string(),
  /** from 1 */
  trial: z.number().int(),
  /** false: the run ended before the fault could act */
  isApplied: z.boolean(),
  /** ids of the violated invariants */
  violations: z.array(z.string()),
  /** why the trial could not run; it shows nothing then */
  failure: z.string().nullable(),
});

export type PowerRecord = Omit<z.infer<typeof trialSchema>, "type">;

const lineSchema = z.discriminatedUnion("type", [powerSchema, startSchema, trialSchema]);

/** hours of trials in a file of an earlier version still count */
const withType = (line: unknown): unknown =>
  typeof line === "object" && line !== null && !("type" in line) ? { type: "trial", ...line } : line;

const FORMAT: RecordFormat<z.infer<typeof lineSchema>> = {
  firstType: "power",
  version: POWER_RECORDS_VERSION,
  schema: z.preprocess(withType, lineSchema),
  command: "npm run chaos:power",
  upgrades: {},
};

export const keyOf = ({ mutant, fault, trial }: Pick<PowerRecord, "mutant" | "fault" | "trial">): string =>
  `${mutant} ${fault} ${trial}`;

/** The trials that ran: an earlier or later attempt of the same trial may have failed. */
export const ranOf = (records: readonly PowerRecord[]): PowerRecord[] => records.filter(({ failure }) => failure === null);

/** The trials that could not run in any attempt, once each. */
export function failedOf(records: readonly PowerRecord[]): PowerRecord[] {
  const ran = new Set(ranOf(records).map(keyOf));
  const failed = records.filter((record) => !ran.has(keyOf(record)));
  return [...new Map(failed.map((record) => [keyOf(record), record])).values()];
}

export interface PowerResults {
  readonly starts: readonly StartRecord[];
  readonly trials: readonly PowerRecord[];
}

/** @returns null: the folder has no records yet. @throws BenchError RECORDS_UNREADABLE */
export async function readPower(folder: string): Promise<PowerResults | null> {
  const file = join(folder, POWER_RECORDS_FILE);
  const isAbsent = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT";
  // A full disk can leave an empty file. Any other failure than a missing file must not pass as "no records": each trial would run
  // again. readRecordFile names the reason.
  const isNew = await stat(file).then(({ size }) => size === 0, isAbsent);
  if (isNew) return null;
  const lines = await readRecordFile(file, FORMAT);
  return {
    starts: lines.filter((line) => line.type === "start"),
    trials: lines.filter((line) => line.type === "trial"),
  };
}
