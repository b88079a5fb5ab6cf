/** The progress of a search, saved after each step, so that an interruption loses only the step in flight. */
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { BenchError } from "../../lib/errors.ts";
import { reasonOfFile } from "../../lib/file-errors.ts";
import { PARALLELS, SPLITS } from "../plan/cell.ts";
import { renameFields, type JsonObject } from "../results/record-file.ts";

export const PROGRESS_FILE = "bisect.json";
const VERSION = 2;

const stepSchema = z.object({ id: z.string(), label: z.string(), subject: z.string().nullable() });

const verdictSchema = z.object({ kind: z.enum(["good", "bad", "unusable"]), text: z.string(), isSure: z.boolean() });

const criterionSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("statements"), good: z.number(), bad: z.number() }),
  z.object({ kind: z.literal("time"), ratio: z.number(), verdict: z.enum(["regressed", "improved"]) }),
]);

const progressSchema = z.object({
  version: z.literal(VERSION),
  /** null: commits */
  package: z.string().nullable(),
  cell: z.object({
    strategy: z.string(),
    orm: z.string(),
    key: z.string(),
    chunkUsers: z.number().int(),
    workers: z.number().int(),
    /** null in older searches: a thread for each worker, and a span of ids */
    parallel: z.enum(PARALLELS).nullable().default(null),
    split: z.enum(SPLITS).nullable().default(null),
  }),
  dataset: z.object({
    users: z.number().int(),
    orders: z.number().int(),
    dormantUsers: z.number().int(),
    dataSeed: z.number().int(),
  }),
  rounds: z.number().int(),
  threshold: z.number(),
  alpha: z.number(),
  steps: z.array(stepSchema).min(2),
  /** null: the ends are not measured yet */
  criterion: criterionSchema.nullable(),
  /** by the id of the step, without the ends */
  verdicts: z.record(z.string(), verdictSchema),
});

export type Progress = z.infer<typeof progressSchema>;
/** The search without its results. */
export type BisectRequest = Omit<Progress, "version" | "criterion" | "verdicts">;

export const newProgress = (request: BisectRequest): Progress => ({
  version: VERSION,
  ...request,
  criterion: null,
  verdicts: {},
});

/** Version 2 renamed the field of the verdicts. */
const upgraded = (stored: JsonObject): JsonObject =>
  stored["version"] === 1 ? { ...renameFields(stored, { judged: "verdicts" }), version: VERSION } : stored;

/** Written beside the file and renamed, so that a crash leaves the earlier progress. */
export async function saveProgress(folder: string, progress: Progress): Promise<void> {
  const file = join(folder, PROGRESS_FILE);
  await writeFile(`${file}.new`, `${JSON.stringify(progress, null, 2)}\n`);
  await rename(`${file}.new`, file);
}

/** @throws BenchError NOTHING_TO_RESUME */
export async function readProgress(folder: string): Promise<Progress> {
  const file = join(folder, PROGRESS_FILE);
  const unusable = (what: string, cause: unknown): BenchError =>
    new BenchError(
      "NOTHING_TO_RESUME",
      `cannot continue ${folder}: ${what}`,
      "pass the folder that bench bisect printed, or start again without --resume",
      cause,
    );
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw unusable(`${PROGRESS_FILE} ${reasonOfFile(error)}`, error);
  });
  try {
    return progressSchema.parse(upgraded(JSON.parse(text)));
  } catch (error) {
    throw unusable(`${PROGRESS_FILE} is not the progress of this version of bench`, error);
  }
}
