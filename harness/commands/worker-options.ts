/** The options that divide the users of a batch between workers. */
import type { Command } from "commander";
import { BenchError } from "../../lib/errors.ts";
import { MAX_WORKERS } from "../plan/axes.ts";
import { PARALLELS, SPLITS, type Parallel, type Split } from "../plan/cell.ts";
import type { PlannedCell } from "../plan/planned-cell.ts";
import type { CellGroup } from "../suites/suite.ts";
import { someOf, wholeNumbers } from "./values.ts";

export interface WorkerOptions {
  workers?: number[];
  parallel?: ("threads" | Parallel)[];
  split?: ("range" | Split)[];
}

export const addWorkerOptions = (command: Command): Command =>
  command
    .option(
      "--workers <n>",
      "workers that divide the users, each with its own client and pool; comma separated (default: 1)",
      wholeNumbers({ min: 1, max: MAX_WORKERS }),
    )
    .option(
      "--parallel <ways>",
      "threads: each worker has a thread; connections: all workers share one thread; comma separated (default: threads)",
      someOf(["threads", ...PARALLELS]),
    )
    .option(
      "--split <ways>",
      "range: each worker has a span of user ids; modulo: it has the users of one remainder; comma separated (default: range)",
      someOf(["range", ...SPLITS]),
    );

export const workerAxes = ({
  workers,
  parallel,
  split,
}: WorkerOptions): Pick<Partial<CellGroup>, "workers" | "parallels" | "splits"> => ({
  ...(workers && { workers }),
  ...(parallel && { parallels: parallel.map((value) => (value === "threads" ? null : value)) }),
  ...(split && { splits: split.map((value) => (value === "range" ? null : value)) }),
});

/**
 * One worker has nothing to divide: `--split modulo` without --workers measured the usual cell, under a command that says otherwise.
 * @throws BenchError BAD_OPTION
 */
export function requireWorkers({ parallel, split }: WorkerOptions, cells: readonly PlannedCell[]): void {
  if (cells.some(({ cell }) => cell.workers > 1)) return;
  for (const [option, given] of Object.entries({ parallel, split }))
    if (given !== undefined)
      throw new BenchError("BAD_OPTION", `--${option} changes nothing with one worker`, `add --workers 6, or remove --${option}`);
}
