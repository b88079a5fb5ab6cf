/** The run that all measures of whole cells share: every cell once per round and verified, as in `bench run`. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_CHUNK_USERS } from "../../../harness/plan/cell.ts";
import { planCells } from "../../../harness/plan/cells.ts";
import type { RunResults, SampleRecord } from "../../../harness/results/records.ts";
import { executeRun, type RunRequest } from "../../../harness/run/runner.ts";
import type { CellGroup } from "../../../harness/suites/suite.ts";
import { median } from "../../../harness/statistics/quantiles.ts";
import { datasetOf, ratioOf, type Outcome, type Part, type PerfContext } from "./measure.ts";

const REFERENCE = { strategies: ["set-based"], orms: ["mysql2"], keys: ["identity"], chunkUsers: [] } satisfies CellGroup;
const LIBRARIES = ["mysql2", "drizzle", "prisma", "mikro-orm"];

function groupsOf(context: PerfContext): CellGroup[] {
  const { ids, workers } = context;
  const libraries = LIBRARIES.filter((orm) => ids.includes(`best-${orm}`));
  const shared = { keys: ["identity"], chunkUsers: [DEFAULT_CHUNK_USERS], workers };
  return [
    REFERENCE,
    { ...shared, strategies: ["chunked"], orms: libraries },
    ...(libraries.includes("mysql2") ? [{ ...shared, strategies: ["case-when", "set-based"], orms: ["mysql2"] }] : []),
  ];
}

async function takeRun(context: PerfContext): Promise<RunResults> {
  const { selector, pairs, seed, folder, log, signal } = context;
  const startedAt = new Date();
  const request = {
    rounds: 1,
    orderSeed: seed,
    suite: null,
    timeline: null,
    dataset: datasetOf(context),
    database: selector,
    runId: "perf-cells",
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
  const cellsFolder = join(folder, "cells");
  // of a measure that is taken again
  await rm(cellsFolder, { recursive: true, force: true });
  await mkdir(cellsFolder, { recursive: true });
  const cells = await planCells(groupsOf(context));
  const results = await executeRun({ ...request, cells, rounds: pairs, folder: cellsFolder }, { log, signal });
  signal.throwIfAborted();
  return results;
}

const runs = new WeakMap<PerfContext, Promise<RunResults>>();

function runOf(context: PerfContext): Promise<RunResults> {
  const run = runs.get(context) ?? takeRun(context);
  runs.set(context, run);
  return run;
}

interface TimedCell {
  readonly part: Part;
  readonly medianMs: number;
  readonly strategy: string;
}

/** @throws when a sample of the cell was wrong or failed, because it has no time then */
function compare(samples: readonly SampleRecord[], reference: readonly SampleRecord[]): TimedCell {
  const [first] = samples;
  const bad = [...samples, ...reference].find(({ status }) => status !== "ok");
  if (first === undefined || bad !== undefined) throw new Error(`${bad?.cell.id}: ${bad?.reason ?? bad?.status}`);
  const pairs = samples.flatMap(({ wallMs, round }) => {
    const base = reference.find((sample) => sample.round === round)?.wallMs;
    return wallMs === null || base === null || base === undefined ? [] : [{ base, candidate: wallMs }];
  });
  return {
    part: { label: first.cell.id, ...ratioOf(pairs, "ms") },
    medianMs: median(pairs.map(({ candidate }) => candidate)),
    strategy: first.cell.strategy,
  };
}

/** The best cell of one library, each compared round by round with the set-based job on one connection. */
export async function bestCellOf(orm: string, context: PerfContext): Promise<Outcome> {
  const { samples } = await runOf(context);
  const byCell = Map.groupBy(samples, ({ cell }) => cell.id);
  const isReference = ({ cell }: SampleRecord): boolean => cell.strategy === "set-based" && cell.workers === 1;
  const reference = samples.filter(isReference);
  // Hand-written code for mysql2 can only be SQL. Raw SQL in another library would measure the driver of that library.
  const counts = ({ cell, status }: SampleRecord): boolean =>
    cell.orm === orm && status !== "skipped" && (orm === "mysql2" || cell.api !== "raw-sql");
  const timed = [...byCell.values()]
    .filter(([sample]) => sample !== undefined && counts(sample) && !isReference(sample))
    .map((samplesOfCell) => compare(samplesOfCell, reference))
    .toSorted((a, b) => a.medianMs - b.medianMs);
  // Set-based cells with more workers do not show how close the client's techniques come to the reference.
  const [best] = timed.filter(({ strategy }) => strategy !== "set-based");
  if (best === undefined) throw new Error(`no cell of ${orm} has a time`);
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;
  const referenceMs = median(reference.flatMap(({ wallMs }) => (wallMs === null ? [] : [wallMs])));
  return {
    ...best.part,
    note: `Best: ${best.part.label}, median ${seconds(best.medianMs)}; set-based on one connection ${seconds(referenceMs)}. The best is chosen by the same samples, which flatters it a little.`,
    parts: timed.map(({ part }) => part),
  };
}
