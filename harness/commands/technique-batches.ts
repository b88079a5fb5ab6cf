/** The techniques of `bench run` as batches of `bench api run`. */
import { BenchError } from "../../lib/errors.ts";
import { DEFAULT_CHUNK_USERS, ormLabel } from "../plan/cell.ts";
import { planCells } from "../plan/cells.ts";
import type { PlannedVariant } from "../scenario/variant.ts";
import { requireWorkers, workerAxes, type WorkerOptions } from "./worker-options.ts";

export interface TechniqueOptions extends WorkerOptions {
  strategy?: string[];
  orm?: string[];
  chunk?: number[];
}

/** The options that change nothing without a technique. */
const NEED_STRATEGY = ["orm", "workers", "parallel", "split"] as const;

/**
 * @param skipped reports a cell that cannot run; the others run
 * @throws BenchError UNKNOWN_NAME, PLUGIN_INVALID, BAD_OPTION
 */
export async function techniqueBatches(
  options: TechniqueOptions,
  skipped: (id: string, reason: string) => void,
): Promise<Pick<PlannedVariant, "batch" | "modules">[]> {
  const { strategy, orm, chunk } = options;
  if (strategy === undefined) {
    const given = NEED_STRATEGY.find((option) => options[option] !== undefined);
    if (given === undefined) return [];
    throw new BenchError(
      "BAD_OPTION",
      `--${given} ${options[given]?.join(",") ?? ""} needs --strategy`,
      "add --strategy with the technique to run",
    );
  }
  const cells = await planCells([
    {
      strategies: strategy,
      orms: orm ?? ["mysql2"],
      keys: ["identity"],
      chunkUsers: chunk ?? [DEFAULT_CHUNK_USERS],
      ...workerAxes(options),
    },
  ]);
  requireWorkers(options, cells);
  // the process of a batch loads the installed library: two versions were two variants with the times of one
  const versioned = cells.find(({ cell }) => cell.version !== null);
  if (versioned !== undefined)
    throw new BenchError(
      "BAD_OPTION",
      `bench api run cannot choose a version of a library: ${ormLabel(versioned.cell)}`,
      `pass --orm ${versioned.cell.orm}, which measures the installed version`,
    );
  const runnable = cells.filter(({ skipReason }) => skipReason === null);
  if (runnable.length === 0)
    throw new BenchError(
      "BAD_OPTION",
      `no cell can run: ${cells[0]?.skipReason ?? "the options select no cell"}`,
      "choose another --orm or --strategy",
    );
  for (const { cell, skipReason } of cells) if (skipReason !== null) skipped(cell.id, skipReason);
  return runnable.map(({ cell: { strategy: technique, orm: library, chunkUsers, workers, parallel, split }, modules }) => ({
    batch: {
      style: "strategy",
      chunkUsers,
      pauseMs: 0,
      technique: `${technique}/${library}`,
      workers,
      parallel,
      split,
      instances: null,
      disturbance: null,
    },
    modules,
  }));
}
