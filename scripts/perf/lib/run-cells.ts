/** Runs cells for a measure: every cell once per round and verified, as in `bench run`. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatasetParameters } from "../../../fixtures/index.ts";
import { planCells } from "../../../harness/plan/cells.ts";
import type { PlannedCell } from "../../../harness/plan/planned-cell.ts";
import type { RunResults } from "../../../harness/results/records.ts";
import { executeRun, type RunRequest } from "../../../harness/run/runner.ts";
import type { CellGroup } from "../../../harness/suites/suite.ts";
import type { PerfContext } from "./measure.ts";

export const REFERENCE = { strategies: ["set-based"], orms: ["mysql2"], keys: ["identity"], chunkUsers: [] } satisfies CellGroup;

interface CellsOfMeasure {
  readonly cells: readonly PlannedCell[];
  readonly dataset: DatasetParameters;
  /** of the folder with the records, inside the folder of the results */
  readonly name: string;
}

export async function runCells(context: PerfContext, { cells, dataset, name }: CellsOfMeasure): Promise<RunResults> {
  const { selector, pairs, seed, folder, log, signal } = context;
  const startedAt = new Date();
  const request = {
    rounds: 1,
    orderSeed: seed,
    suite: null,
    timeline: null,
    dataset,
    database: selector,
    runId: `perf-${name}`,
    startedAt,
    continued: null,
  } satisfies Omit<RunRequest, "cells" | "folder">;

  const warmUpFolder = await mkdtemp(join(tmpdir(), "perf-cells-"));
  try {
    // Loads the data, computes the expected rows, and reads both into the server's memory.
    await executeRun({ ...request, cells: await planCells([REFERENCE]), folder: warmUpFolder }, { log, signal });
  } finally {
    await rm(warmUpFolder, { recursive: true, force: true });
  }
  signal.throwIfAborted();
  const cellsFolder = join(folder, name);
  // of a measure that is taken again
  await rm(cellsFolder, { recursive: true, force: true });
  await mkdir(cellsFolder, { recursive: true });
  const results = await executeRun({ ...request, cells, rounds: pairs, folder: cellsFolder }, { log, signal });
  signal.throwIfAborted();
  return results;
}
