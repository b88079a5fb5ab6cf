/** `bench run`: the measurement itself. */
import type { Command } from "commander";
import { BenchError } from "../../lib/errors.ts";
import { paint } from "../../lib/log.ts";
import type { PlannedCell } from "../cell.ts";
import { parseDatabaseSelector } from "../database/index.ts";
import { interruptible } from "../interrupt.ts";
import { defaultFolder, newRunId, prepareFolder } from "../output-folder.ts";
import { orderOfRound, planCells } from "../plan.ts";
import { DEFAULT_FORMATS, findReporters, publish } from "../publish.ts";
import { findPlugIn, listPlugIns } from "../registry.ts";
import { executeRun } from "../runner.ts";
import type { CellGroup } from "../suites/suite.ts";
import { logFor, type CommandContext, type RegisterCommand } from "./context.ts";
import {
  addDatasetOptions,
  datasetParameters,
  duration,
  list,
  positiveInteger,
  wholeNumber,
  wholeNumbers,
  type DatasetOptions,
} from "./options.ts";

const DEFAULT_ROUNDS = 3;
/** Near the best for every library here: case-when slows down with the square of the chunk, small chunks pay round trips. */
const DEFAULT_CHUNK_USERS = 500;
const MAX_CHUNK_USERS = 1_000_000;
const MAX_ROUNDS = 10_000;
const MAX_SEED = 2 ** 32 - 1;

interface RunCommandOptions extends DatasetOptions {
  suite?: string;
  orm?: string[];
  key?: string[];
  chunk?: number[];
  rounds?: number;
  cellLimit?: number;
  orderSeed: number;
  db?: string;
  out?: string;
  format: string[];
  dryRun?: boolean;
}

const EXAMPLES = `
Examples:
  bench run --suite quick                             the comparison of the README, a few minutes
  bench run chunked case-when --orm prisma,drizzle    two techniques through two ORMs, 3 rounds each
  bench run chunked --chunk 100,1000,5000             where is the best chunk size?
  bench run naive --scale 0.01 --cell-limit 30s       a hundredth of the data, stopped after 30 s
  bench run chunked --key identity,uuidv7             do time-ordered keys cost anything?
  bench run ./my-strategy.ts --orm mysql2             your own technique, verified the same way
  bench run --suite quick --db mysql://me@db/shootout your own server (password in BENCH_DATABASE_URL or the URL)

Each sample runs in a process of its own and is compared row by row with the expected result; a wrong one gets no time.
Results go to results/<date>/<machine>/<run>/: records.jsonl is the truth, the rest is rendered from it.
Exit code 1 if a cell failed.`;

export const register: RegisterCommand = (program, context) => {
  const command = program
    .command("run")
    .description("Measures techniques on ORMs and keys, and proves every result.")
    .argument("[strategies...]", "techniques (see `bench list`), or the path of your own")
    .option("--suite <name>", "a named set of cells instead of strategies")
    .option("--orm <ids>", "libraries, comma separated, or the path of your own (default: all)", list)
    .option("--key <ids>", "surrogate keys, comma separated (default: identity)", list)
    .option(
      "--chunk <users>",
      `users per chunk, comma separated (default: ${DEFAULT_CHUNK_USERS})`,
      wholeNumbers({ min: 1, max: MAX_CHUNK_USERS }),
    )
    .option(
      "--rounds <n>",
      `how often each cell is measured (default: the suite's, or ${DEFAULT_ROUNDS})`,
      positiveInteger({ max: MAX_ROUNDS }),
    )
    .option("--cell-limit <time>", "stop a sample after this long, e.g. 120s, and estimate the rest", duration)
    .option("--order-seed <n>", "order of the cells within each round", wholeNumber({ min: 0, max: MAX_SEED }), 1)
    .option("--db <source>", "auto, docker, local, embedded or mysql://user:password@host:3306/schema")
    .option("--out <folder>", "where the results go")
    .option("--format <ids>", "table, csv, md, svg, json; comma separated", list, DEFAULT_FORMATS)
    .option("--dry-run", "show the plan, connect to nothing");
  addDatasetOptions(command)
    .addHelpText("after", EXAMPLES)
    .action((strategies: string[], options: RunCommandOptions) => run(command, context, strategies, options));
};

interface Asked {
  readonly cells: PlannedCell[];
  readonly rounds: number;
  readonly suite: string | null;
}

/** Everything that can be wrong with the arguments is found here, before anything connects. */
async function ask(strategies: readonly string[], options: RunCommandOptions): Promise<Asked> {
  const { suite: suiteName, orm, key, chunk, rounds, cellLimit } = options;
  const limit = cellLimit === undefined ? {} : { cellLimitMs: cellLimit };
  if (suiteName === undefined) {
    if (strategies.length === 0)
      throw new BenchError("BAD_OPTION", "nothing to run", "bench run --suite quick, or name strategies (bench list shows them)");
    const orms = orm ?? (await listPlugIns("orm")).map(({ value }) => value.id);
    const group: CellGroup = {
      strategies,
      orms,
      keys: key ?? ["identity"],
      chunkUsers: chunk ?? [DEFAULT_CHUNK_USERS],
      ...limit,
    };
    return { cells: await planCells([group]), rounds: rounds ?? DEFAULT_ROUNDS, suite: null };
  }
  if (strategies.length > 0)
    throw new BenchError("BAD_OPTION", `both --suite ${suiteName} and strategies (${strategies.join(", ")})`, "give one of them");
  const { value: suite } = await findPlugIn("suite", suiteName);
  // an axis that is named on the command line replaces the suite's
  const groups = suite.groups.map((group) => ({
    ...group,
    orms: orm === undefined ? group.orms : group.orms.filter((id) => orm.includes(id)),
    keys: key ?? group.keys,
    chunkUsers: chunk ?? group.chunkUsers,
    ...limit,
  }));
  return { cells: await planCells(groups), rounds: rounds ?? suite.rounds, suite: suite.id };
}

async function run(command: Command, context: CommandContext, strategies: string[], options: RunCommandOptions): Promise<void> {
  const log = logFor(command);
  const dataset = datasetParameters(options);
  parseDatabaseSelector(options.db);
  const reporters = await findReporters(options.format);
  const { cells, rounds, suite } = await ask(strategies, options);
  if (options.dryRun === true) {
    context.print(describePlan(cells, rounds, options.orderSeed));
    return;
  }
  const startedAt = new Date();
  const runId = newRunId(startedAt, suite ?? [...new Set(cells.map(({ cell }) => cell.strategy))].slice(0, 3).join("-"));
  const folder = options.out ?? defaultFolder(runId, startedAt);
  await prepareFolder(folder);
  const request = { cells, rounds, suite, dataset, runId, startedAt, folder, orderSeed: options.orderSeed, database: options.db };
  await interruptible(async (signal) => {
    const results = await executeRun(request, { log, signal });
    await publish(results, reporters, folder, context.print);
    const failed = results.samples.filter(({ status }) => status === "failed").length;
    if (failed > 0)
      throw new BenchError(
        "CELL_FAILED",
        `${failed} of ${results.samples.length} samples failed`,
        "the reasons stand above and in records.jsonl",
      );
  });
}

function describePlan(cells: readonly PlannedCell[], rounds: number, orderSeed: number): string {
  const lines = orderOfRound(cells, orderSeed, 1).map(({ cell, skipReason, limitMs }) => {
    const limit = limitMs === null ? "" : `  at most ${limitMs / 1000} s`;
    return `  ${cell.id}  ${paint("dim", cell.api, process.stdout)}${skipReason === null ? limit : `  skipped: ${skipReason}`}`;
  });
  return [
    `${cells.length} cells x ${rounds} ${rounds === 1 ? "round" : "rounds"}; order of the first round (seed ${orderSeed}):`,
    ...lines,
  ].join("\n");
}
