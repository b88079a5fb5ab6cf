/** `bench run`: measures cells. */
import type { Command } from "commander";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { BenchError } from "../../lib/errors.ts";
import { ISOLATIONS } from "../../orms/orm.ts";
import { MAX_CHUNK_USERS } from "../plan/axes.ts";
import { DEFAULT_CHUNK_USERS, DURABILITIES, TRACKS } from "../plan/cell.ts";
import { MAX_ADDED_RTT_MS } from "../plan/axes.ts";
import { MAX_PREFILL } from "../plan/prefill.ts";
import { confirmPending, type Pending } from "../run/remote-consent.ts";
import { interruptible } from "../run/interrupt.ts";
import { DEFAULT_FORMATS, findReporters, publish } from "../reporters/parts/publish.ts";
import { RECORDS_FILE, type RunResults } from "../results/records.ts";
import { quoted, resumeCall, resumeCommand } from "../run/resume-command.ts";
import { databaseArguments } from "../database/index.ts";
import { givenArguments } from "./given-arguments.ts";
import { executeRun, type RunOptions, type RunRequest } from "../run/runner.ts";
import { executeWithin } from "../run/time-limit.ts";
import { logFor, type CommandContext, type RegisterCommand } from "./context.ts";
import { addDatabaseOptions, addDatasetOptions, formats, orm, orms, title, withPassword } from "./options.ts";
import { announcement, describePlan, isFirstRoundCut, planAsJson } from "./dry-run.ts";
import {
  duration,
  durationsFrom0,
  folder,
  list,
  memorySize,
  plugIns,
  positiveInteger,
  prefills,
  someOf,
  text,
  TIME_UNITS,
  wholeNumber,
  wholeNumbers,
  words,
} from "./values.ts";
import { addWorkerOptions } from "./worker-options.ts";
import { logNextCommand } from "./next-command.ts";
import { DEFAULT_ROUNDS, newRun, resumedRun, type RunCommandOptions } from "./run-request.ts";

export const MAX_ROUNDS = 10_000;
export const MAX_SEED = 2 ** 32 - 1;
/** The server resizes its pool in such steps. */
const POOL_STEP_BYTES = 128 * 2 ** 20;
const MAX_POOL_BYTES = 1024 * 2 ** 30;

const EXAMPLES = `
Examples:
  bench run --suite quick                             the comparison in the README, a few minutes
  bench run chunked case-when --orm prisma,drizzle    two techniques through two ORMs, 3 rounds each
  bench run chunked --chunk 100,1000,5000             which chunk size is fastest?
  bench run naive --scale 0.01 --cell-limit 30s       a hundredth of the data, stopped after 30 s
  bench run naive chunked --orm prisma --rounds 7 --once naive   row by row once in full, and the batches seven times
  bench run chunked --key identity,uuidv7             are time-ordered keys slower?
  bench run chunked --workers 1,2,4,6 --orm drizzle   do parallel workers help?
  bench run chunked --workers 6 --split range,modulo --orm mysql2   do workers wait for each other's locks?
  bench run chunked naive --add-rtt 0,0.5ms,2ms --scale 0.02   how much does the distance to the server cost?
  bench run --suite orms --time-limit 30min           as much of it as 30 min allow; --resume measures the rest
  bench run parallel uuidv7 --orm mysql2              presets (see \`bench list presets\`)
  bench run naive --durability default,relaxed --scale 0.01    how much time is waiting for the disk?
  bench run chunked --orm mysql2 --key uuidv7,uuidv4 --prefill 0,10 --buffer-pool 128MB   do random keys slow down large tables?
  bench run chunked --orm prisma@7.9.1,prisma@7.10.0  does this upgrade slow our batch?
  bench run chunked --track default,matched           also with the same pool and protocol for all libraries
  bench run ./my-strategy.ts --orm mysql2             your technique, verified the same way
  bench run --resume results/2026-11-01/laptop/101500-quick-x1
  bench run --suite quick --db mysql://me@db/shootout your server (bench prompts for the password)

Each sample runs in a new process. bench compares its result row by row with the expected rows; a wrong result gets no time.
bench writes results to results/<date>/<machine>/<run>/: records.jsonl holds all measurements, and bench renders the other files
from it.
Exit code 1 if a cell failed.`;

/** Adds the options that select cells. */
export function addCellOptions(command: Command): Command {
  command
    .argument(
      "[strategies...]",
      "techniques or presets (see `bench list`), or the path of your strategy",
      words({ names: plugIns("strategy", "preset"), paths: "files" }),
    )
    .option("--suite <id>", "run a named set of cells instead of strategies", text({ names: plugIns("suite") }))
    .option(
      "--orm <ids>",
      "libraries, comma separated, or the path of your ORM; prisma@7.9.1 selects a version (default: all)",
      orms,
    )
    .option("--key <ids>", "surrogate keys, comma separated (default: identity)", list({ names: plugIns("key") }))
    .option(
      "--chunk <users>",
      `users per chunk, comma separated (default: ${DEFAULT_CHUNK_USERS})`,
      wholeNumbers({ min: 1, max: MAX_CHUNK_USERS }),
    );
  return addWorkerOptions(command)
    .option(
      "--isolation <levels>",
      `isolation levels: ${ISOLATIONS.join(", ")}; comma separated (default: that of the server)`,
      someOf(ISOLATIONS),
    )
    .option(
      "--track <tracks>",
      "default: the defaults of each library; matched: same pool size, no prepared statements; tuned: its settings for long batches",
      someOf(TRACKS),
    )
    .option(
      "--cell-limit <time>",
      `stop a sample after this time, e.g. 120s, and estimate the time of the whole job (${TIME_UNITS})`,
      duration,
    );
}

export const register: RegisterCommand = (program, context) => {
  const command = addCellOptions(
    program.command("run").description("Measures techniques by ORM and key, and verifies every result."),
  )
    .option(
      "--add-rtt <times>",
      `latency that a proxy adds to each round trip, e.g. 0,0.5ms,2ms; 0 is the proxy without added latency, as reference (${TIME_UNITS})`,
      durationsFrom0({ maxMs: MAX_ADDED_RTT_MS, name: `${MAX_ADDED_RTT_MS.toLocaleString("en")} ms` }),
    )
    .option(
      "--durability <levels>",
      "default: the server's setting; relaxed: commits do not wait for the disk (only on servers that bench started); comma separated",
      someOf(["default", ...DURABILITIES]),
    )
    .option(
      "--prefill <runs>",
      `earlier runs in the growing tables, 0 to ${MAX_PREFILL}, with keys of the cell or of another kind, e.g. 0,10,10:uuidv4 (default: 0)`,
      prefills,
    )
    .option(
      "--buffer-pool <size>",
      "memory of the server for data, a multiple of 128MB (only on servers that bench starts; default: that of the suite or 1GB)",
      memorySize({ step: POOL_STEP_BYTES, max: MAX_POOL_BYTES }),
    )
    .option(
      "--rounds <n>",
      `samples of each cell (default: that of the suite, or ${DEFAULT_ROUNDS})`,
      positiveInteger({ max: MAX_ROUNDS }),
    )
    .option(
      "--once <techniques>",
      "measure each cell of these techniques in the first round only: techniques of many minutes beside short ones, comma separated",
      list({ names: plugIns("strategy"), paths: "files" }),
    )
    .option(
      "--baseline <orm>",
      "ORM that the others are compared with by the same technique; your own ORM by its path (default: the fastest raw driver)",
      orm,
    )
    .option("--order-seed <n>", "seed for the order of cells in each round", wholeNumber({ min: 0, max: MAX_SEED }), 1)
    .option("--out <folder>", "folder for the results", folder)
    .option("--format <ids>", "output formats, comma separated", formats, DEFAULT_FORMATS)
    .option("--title <text>", "title of the page and the chart; bench records it", title)
    .option(
      "--resume <folder>",
      "continue an interrupted run with its plan, order and data; bench measures only the missing samples",
      folder,
    )
    .option(
      "--time-limit <time>",
      `end the run after this time, and keep the finished samples; --resume measures the others (${TIME_UNITS})`,
      duration,
    )
    .option("--json", "print only the summary as JSON to standard output; the table goes to standard error")
    .option("-y, --yes", "do not ask before creating data on a server that bench does not manage, or before a long run there")
    .option("--dry-run", "print the plan, the data and an estimate of the time, and connect to nothing");
  addDatasetOptions(addDatabaseOptions(command))
    .addHelpText("after", EXAMPLES)
    .action((strategies: string[], options: RunCommandOptions) => run(command, context, strategies, options));
};

async function run(command: Command, context: CommandContext, strategies: string[], options: RunCommandOptions): Promise<void> {
  const log = logFor(command);
  const reporters = await findReporters(options.format);
  if (options.resume !== undefined) refuseWithResume(command);
  const planned =
    options.resume === undefined ? await newRun(strategies, options) : await resumedRun(options.resume, strategies, options);
  const { timeLimit } = options;
  // a continued run keeps the order of its first round
  const isCut =
    planned.continued === null
      ? timeLimit !== undefined && isFirstRoundCut(planned, timeLimit)
      : planned.continued.run.isFirstRoundCut;
  const request = { ...planned, isFirstRoundCut: isCut };
  if (options.dryRun === true) {
    context.print(options.json === true ? planAsJson(request) : describePlan(request, timeLimit));
    return;
  }
  const announced = announcement(request, timeLimit);
  if (announced !== null) log.info(announced);
  const database = await withPassword(request.database);
  const confirm = (pending: Pending, signal: AbortSignal): Promise<void> =>
    confirmPending(pending, { yes: options.yes === true, show: (text) => log.info(text), signal });
  await interruptible(
    async (signal) => {
      const results = await measure({ ...request, database }, timeLimit, { log, signal, confirm });
      await publish(results, reporters, request.folder, { print: context.print, log, json: options.json === true });
      // the error of the interruption prints the command that continues: a second one was above it
      signal.throwIfAborted();
      const runArguments = options.resume === undefined ? givenArguments(command, NEVER_REPEATED) : null;
      const resume = resumeCall(request.folder, request.cells, request.database);
      await logNextCommand(results, request.folder, log, {
        runArguments,
        database: databaseArguments(database).map(quoted),
        resume,
      });
      requireMeasured(results);
      const failed = results.samples.filter(({ status }) => status === "failed").length;
      if (failed > 0)
        throw new BenchError(
          "CELL_FAILED",
          `${failed} of ${results.samples.length} samples failed`,
          "read the reasons above or in records.jsonl",
        );
    },
    () => howToContinue(request),
  );
}

const measure = (request: RunRequest, limitMs: number | undefined, options: RunOptions): Promise<RunResults> =>
  limitMs === undefined
    ? executeRun(request, options)
    : executeWithin({ limitMs, effect: "samples are missing, and --resume measures them" }, request, options);

/** A run without a single sample is no success: a script would take its empty table for a result. */
function requireMeasured({ samples }: RunResults): void {
  if (samples.length === 0 || samples.some(({ status }) => status !== "skipped")) return;
  const reasons = [...new Set(samples.map(({ cell, reason }) => `${cell.strategy}/${cell.orm}: ${reason ?? "unknown"}`))];
  throw new BenchError(
    "NOTHING_MEASURED",
    `all ${samples.length} samples were skipped: ${reasons.join("; ")}`,
    "choose a strategy and an ORM that fit: bench list cells",
  );
}

/** Options that the printed command sets itself. */
const NEVER_REPEATED = ["--rounds", "--out", "--time-limit"];

function howToContinue({ folder, cells, database }: RunRequest): string {
  if (!existsSync(join(folder, RECORDS_FILE))) return "bench measured nothing yet; run the same command to start again";
  const command = resumeCommand(folder, cells, database);
  return command === null
    ? `bench saved the finished samples in ${folder}; it cannot continue a run with an unreleased build, so start a new run`
    : `bench saved the finished samples; continue with: ${command}`;
}

const WITH_RESUME = new Set([
  "resume",
  "timeLimit",
  "db",
  "passwordFile",
  "tls",
  "tlsCa",
  "yes",
  "format",
  "json",
  "orm",
  "dryRun",
]);

/** Rejects options that would change the plan: a continued run takes its plan from its records. */
function refuseWithResume(command: Command): void {
  const other = command.options.find(
    (option) => !WITH_RESUME.has(option.attributeName()) && command.getOptionValueSource(option.attributeName()) === "cli",
  );
  if (other !== undefined)
    throw new BenchError(
      "BAD_OPTION",
      `--resume excludes ${other.long}: the records contain the plan`,
      `remove ${other.long}; repeat only the database options`,
    );
}
