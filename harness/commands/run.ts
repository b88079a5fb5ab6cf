/** `bench run`: the measurement itself. */
import type { Command } from "commander";
import { BenchError } from "../../lib/errors.ts";
import { paint } from "../../lib/log.ts";
import { ISOLATIONS, type Isolation } from "../../orms/orm.ts";
import { DEFAULT_CHUNK_USERS, TRACKS, type PlannedCell, type Track } from "../cell.ts";
import { parseDatabaseSelector } from "../database/index.ts";
import { interruptible } from "../interrupt.ts";
import { defaultFolder, newRunId, prepareFolder } from "../output-folder.ts";
import { orderOfRound, planCells } from "../plan.ts";
import { DEFAULT_FORMATS, findReporters, publish } from "../publish.ts";
import { findPlugIn, isPath, listPlugIns, unknownName } from "../registry.ts";
import { executeRun } from "../runner.ts";
import type { CellGroup, Timeline } from "../suites/suite.ts";
import { logFor, type CommandContext, type RegisterCommand } from "./context.ts";
import {
  addDatasetOptions,
  datasetParameters,
  duration,
  list,
  oneOf,
  positiveInteger,
  wholeNumber,
  wholeNumbers,
  type DatasetOptions,
} from "./options.ts";

const DEFAULT_ROUNDS = 3;
const MAX_CHUNK_USERS = 1_000_000;
/** Each opens a pool of its own; servers rarely take more connections than these. */
const MAX_WORKERS = 64;
const MAX_ROUNDS = 10_000;
const MAX_SEED = 2 ** 32 - 1;

interface RunCommandOptions extends DatasetOptions {
  suite?: string;
  orm?: string[];
  key?: string[];
  chunk?: number[];
  workers?: number[];
  isolation?: Isolation[];
  track?: Track[];
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
  bench run chunked --workers 1,2,6 --orm drizzle     what do parallel workers bring?
  bench run parallel uuidv7 --orm mysql2              presets (see \`bench list presets\`)
  bench run chunked --track default,matched           with the same pool and protocol for all as well
  bench run ./my-strategy.ts --orm mysql2             your own technique, verified the same way
  bench run --suite quick --db mysql://me@db/shootout your own server (password in BENCH_DATABASE_URL or the URL)

Each sample runs in a process of its own and is compared row by row with the expected result; a wrong one gets no time.
Results go to results/<date>/<machine>/<run>/: records.jsonl is the truth, the rest is rendered from it.
Exit code 1 if a cell failed.`;

export const register: RegisterCommand = (program, context) => {
  const command = program
    .command("run")
    .description("Measures techniques on ORMs and keys, and proves every result.")
    .argument("[strategies...]", "techniques or presets (see `bench list`), or the path of your own")
    .option("--suite <name>", "a named set of cells instead of strategies")
    .option("--orm <ids>", "libraries, comma separated, or the path of your own (default: all)", list)
    .option("--key <ids>", "surrogate keys, comma separated (default: identity)", list)
    .option(
      "--chunk <users>",
      `users per chunk, comma separated (default: ${DEFAULT_CHUNK_USERS})`,
      wholeNumbers({ min: 1, max: MAX_CHUNK_USERS }),
    )
    .option(
      "--workers <n>",
      "threads that share the users, each with its own client and pool, comma separated (default: 1)",
      wholeNumbers({ min: 1, max: MAX_WORKERS }),
    )
    .option("--isolation <levels>", `${ISOLATIONS.join(", ")}; comma separated (default: the server's)`, oneOf(ISOLATIONS))
    .option(
      "--track <tracks>",
      "default: as each library's documentation has it; matched: same pool, nothing prepared",
      oneOf(TRACKS),
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
  readonly timeline: Timeline | null;
}

/** An axis that is named on the command line. */
type AskedAxes = Partial<Pick<CellGroup, "orms" | "keys" | "chunkUsers" | "workers" | "isolations" | "tracks" | "cellLimitMs">>;

function askedAxes({ orm, key, chunk, workers, isolation, track, cellLimit }: RunCommandOptions): AskedAxes {
  return {
    ...(orm && { orms: orm }),
    ...(key && { keys: key }),
    ...(chunk && { chunkUsers: chunk }),
    ...(workers && { workers }),
    ...(isolation && { isolations: isolation }),
    ...(track && { tracks: track }),
    ...(cellLimit !== undefined && { cellLimitMs: cellLimit }),
  };
}

/** Everything that can be wrong with the arguments is found here, before anything connects. */
async function ask(names: readonly string[], options: RunCommandOptions): Promise<Asked> {
  const { suite: suiteName, rounds } = options;
  const asked = askedAxes(options);
  if (suiteName === undefined) {
    if (names.length === 0)
      throw new BenchError("BAD_OPTION", "nothing to run", "bench run --suite quick, or name strategies (bench list shows them)");
    const groups = await groupsOf(names, asked);
    return { cells: await planCells(groups), rounds: rounds ?? DEFAULT_ROUNDS, suite: null, timeline: null };
  }
  if (names.length > 0)
    throw new BenchError("BAD_OPTION", `both --suite ${suiteName} and strategies (${names.join(", ")})`, "give one of them");
  const { value: suite } = await findPlugIn("suite", suiteName);
  // an axis that is named on the command line replaces the suite's; libraries are only taken out, never added
  const groups = suite.groups.map((group) => ({
    ...group,
    ...asked,
    orms: asked.orms === undefined ? group.orms : group.orms.filter((id) => asked.orms?.includes(id)),
  }));
  return { cells: await planCells(groups), rounds: rounds ?? suite.rounds, suite: suite.id, timeline: suite.timeline ?? null };
}

/** A group of cells for each strategy or preset. */
async function groupsOf(names: readonly string[], asked: AskedAxes): Promise<CellGroup[]> {
  const presets = (await listPlugIns("preset")).map(({ value }) => value);
  const strategyIds = (await listPlugIns("strategy")).map(({ value }) => value.id);
  const defaults = {
    orms: (await listPlugIns("orm")).map(({ value }) => value.id),
    keys: ["identity"],
    chunkUsers: [DEFAULT_CHUNK_USERS],
  };
  return names.map((name) => {
    const preset = presets.find(({ id }) => id === name);
    if (preset === undefined) {
      if (!strategyIds.includes(name) && !isPath(name))
        throw unknownName("strategy or preset", name, [...strategyIds, ...presets.map(({ id }) => id)]);
      return { ...defaults, ...asked, strategies: [name] };
    }
    const { key, workers } = preset.axes;
    const clash = key !== undefined && asked.keys ? "--key" : workers !== undefined && asked.workers ? "--workers" : undefined;
    if (clash !== undefined)
      throw new BenchError(
        "BAD_OPTION",
        `the preset ${name} fixes what ${clash} names`,
        `leave ${clash} out, or name the strategy: bench run ${preset.strategy} ${clash} ...`,
      );
    return {
      ...defaults,
      ...asked,
      strategies: [preset.strategy],
      ...(key !== undefined && { keys: [key] }),
      ...(workers !== undefined && { workers: [workers] }),
    };
  });
}

async function run(command: Command, context: CommandContext, strategies: string[], options: RunCommandOptions): Promise<void> {
  const log = logFor(command);
  const dataset = datasetParameters(options);
  parseDatabaseSelector(options.db);
  const reporters = await findReporters(options.format);
  const { cells, rounds, suite, timeline } = await ask(strategies, options);
  if (options.dryRun === true) {
    context.print(describePlan(cells, rounds, options.orderSeed));
    return;
  }
  const startedAt = new Date();
  const runId = newRunId(startedAt, suite ?? [...new Set(cells.map(({ cell }) => cell.strategy))].slice(0, 3).join("-"));
  const folder = options.out ?? defaultFolder(runId, startedAt);
  await prepareFolder(folder);
  const request = {
    cells,
    rounds,
    suite,
    timeline,
    dataset,
    runId,
    startedAt,
    folder,
    orderSeed: options.orderSeed,
    database: options.db,
  };
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
