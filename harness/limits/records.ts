/** `limits-records.jsonl`: line 1 has the settings of the searches, and each finished search adds one line. */
import { join } from "node:path";
import { z } from "zod";
import { environmentSchema } from "../results/environment.ts";
import { firstRecord, readRecordFile, type RecordFormat } from "../results/record-file.ts";

export const LIMITS_RECORDS_VERSION = 1;
export const LIMITS_RECORDS_FILE = "limits-records.jsonl";

/** Settings by which two searches are comparable. */
const settingsSchema = z.object({
  /** limit of the V8 heap of the process that loads the library */
  heapBytes: z.number(),
  /** of one attempt */
  attemptLimitMs: z.number(),
  /** growth of the server's memory that ends an attempt; null: bench cannot see that memory */
  serverMemoryBytes: z.number().nullable(),
  maxRows: z.number().int(),
  precision: z.number(),
});

const limitsSchema = z.object({
  type: z.literal("limits"),
  version: z.number().int(),
  startedAt: z.string(),
  settings: settingsSchema,
  environment: environmentSchema,
  /** variables of the server that limit a statement, by name; null: the server does not have or show it */
  variables: z.record(z.string(), z.string().nullable()),
});

const sentSchema = z.object({
  rows: z.number().int(),
  ms: z.number(),
  /** that the client sent; null: the library refused to send the statement, or the process ended */
  bytes: z.number().nullable(),
  /** of the largest statement; null: the library hides it */
  placeholders: z.number().nullable(),
});

const failedSchema = sentSchema.extend({
  /** `packet`, `placeholders`, ...; `time`: not done within the limit of an attempt */
  kind: z.string(),
  /** number or code of the error; null without one */
  code: z.string().nullable(),
  message: z.string(),
  /** rows that stayed in the tables although the transaction failed: the library committed a part of it; null: not checked */
  rowsLeft: z.number().int().nullable().default(null),
});

const searchSchema = z.object({
  type: z.literal("search"),
  startedAt: z.string(),
  strategy: z.string(),
  orm: z.string(),
  api: z.string(),
  /** the file that ran */
  code: z.string(),
  ormVersion: z.string().nullable(),
  driver: z.string(),
  driverVersion: z.string().nullable(),
  /** null: the process of the library did not open a session */
  operation: z.enum(["statement", "chunk"]).nullable(),
  /**
   * `found`: both sizes. `none`: the largest size worked. `slow`: the next size was not done in time. `unfinished`: the time limit of
   * the command ended the search. `failed`: not even one row worked.
   */
  status: z.enum(["found", "none", "slow", "unfinished", "skipped", "failed"]),
  /** of a skipped or failed search */
  reason: z.string().nullable(),
  worked: sentSchema.nullable(),
  failed: failedSchema.nullable(),
  /** the most rows that a failed attempt of the search left; null: not checked */
  mostRowsLeft: z.number().int().nullable().default(null),
  attempts: z.number().int(),
  wallMs: z.number(),
});

export type LimitsSettings = z.infer<typeof settingsSchema>;
export type LimitsRecord = z.infer<typeof limitsSchema>;
export type SearchRecord = z.infer<typeof searchSchema>;
export type SentRecord = z.infer<typeof sentSchema>;
export type FailedRecord = z.infer<typeof failedSchema>;

export interface LimitsResults {
  readonly limits: LimitsRecord;
  /** the last one of each technique and library */
  readonly searches: readonly SearchRecord[];
}

const lineSchema = z.discriminatedUnion("type", [limitsSchema, searchSchema]);

const FORMAT: RecordFormat<z.infer<typeof lineSchema>> = {
  firstType: "limits",
  version: LIMITS_RECORDS_VERSION,
  schema: lineSchema,
  command: "bench limits",
  upgrades: {},
};

export const searchName = ({ strategy, orm }: Pick<SearchRecord, "strategy" | "orm">): string => `${strategy}/${orm}`;

/** @throws BenchError RECORDS_UNREADABLE */
export async function readLimits(folder: string): Promise<LimitsResults> {
  const file = join(folder, LIMITS_RECORDS_FILE);
  const lines = await readRecordFile(file, FORMAT);
  const limits = firstRecord(file, lines, "limits");
  const searches = lines.filter((line) => line.type === "search");
  return { limits, searches: [...new Map(searches.map((search) => [searchName(search), search])).values()] };
}
