/** `perf.json`, the source of truth of a run of `npm run perf`. perf.md is rendered from it. Unknown is null, never 0. */
import { readFile, rename, writeFile } from "node:fs/promises";
import { z } from "zod";
import { environmentSchema } from "../../../harness/results/environment.ts";
import { BenchError, messageOf } from "../../../lib/errors.ts";

export const PERF_FILE = "perf.json";
const VERSION = 1;

const figure = {
  value: z.number(),
  unit: z.enum(["x", "ms"]),
  interval: z.object({ low: z.number(), high: z.number() }).nullable(),
  pairs: z.array(z.object({ base: z.number().nullable(), candidate: z.number() })),
  pairUnit: z.enum(["ms", "bytes"]),
};

const outcomeSchema = z.object({
  ...figure,
  note: z.string(),
  parts: z.array(z.object({ ...figure, label: z.string() })),
});

const measuredSchema = z.object({
  id: z.string(),
  what: z.string(),
  against: z.string(),
  limit: z.number().nullable(),
  unit: z.enum(["x", "ms"]),
  /** `information`: the measure has no limit */
  status: z.enum(["met", "missed", "information", "failed"]),
  /** cause of the failure */
  reason: z.string().nullable(),
  tookMs: z.number(),
  /** the project's commit at the time of this measure, because a run can resume after a change */
  gitCommit: z.string().nullable().default(null),
  outcome: outcomeSchema.nullable(),
});

const resultsSchema = z.object({
  version: z.literal(VERSION),
  startedAt: z.string(),
  pairs: z.number().int(),
  scale: z.number(),
  seed: z.number().int(),
  orms: z.array(z.string()),
  workers: z.array(z.number().int()),
  /** 1, except in a trial of a missed limit */
  limitFactor: z.number(),
  environment: environmentSchema,
  /** unusual conditions, as sentences */
  notes: z.array(z.string()),
  measures: z.array(measuredSchema),
});

export type Measured = z.infer<typeof measuredSchema>;
export type PerfResults = z.infer<typeof resultsSchema>;

/** Replaces the file atomically. */
export async function writeResults(file: string, results: Omit<PerfResults, "version">): Promise<void> {
  try {
    await writeFile(`${file}.new`, `${JSON.stringify(resultsSchema.parse({ ...results, version: VERSION }))}\n`);
    await rename(`${file}.new`, file);
  } catch (error) {
    throw new BenchError(
      "RESULTS_NOT_WRITTEN",
      `${file}: ${messageOf(error)}`,
      "free space, or name another folder with --out",
      error,
    );
  }
}

/** @throws BenchError RECORDS_UNREADABLE */
export async function readResults(file: string): Promise<PerfResults> {
  try {
    return resultsSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    throw new BenchError(
      "RECORDS_UNREADABLE",
      `${file}: ${messageOf(error)}`,
      "it is written by `npm run perf`; this one was changed or comes from another version",
      error,
    );
  }
}
