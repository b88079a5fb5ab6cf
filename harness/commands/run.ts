/** `bench run`: the measurement itself. */
import type { Command } from "commander";
import { existsSync } from "node:fs";
import { rmdir } from "node:fs/promises";
import { join } from "node:path";
import { BenchError } from "../../lib/errors.ts";
import { paint } from "../../lib/log.ts";
import { ISOLATIONS } from "../../orms/orm.ts";
import { MAX_CHUNK_USERS, MAX_WORKERS } from "../plan/axes.ts";
import { DEFAULT_CHUNK_USERS, DURABILITIES, TRACKS } from "../plan/cell.ts";
import { MAX_ADDED_RTT_MS } from "../plan/axes.ts";
import { confirmPending, type Pending } from "../run/remote-consent.ts";
import { interruptible } from "../run/interrupt.ts";
import { orderOfRound } from "../plan/cells.ts";
import { DEFAULT_FORMATS, findReporters, publish } from "../reporters/parts/publish.ts";
import { RECORDS_FILE } from "../results/records.ts";
import { resumeCommand } from "../run/resume-command.ts";
import { executeRun, type RunRequest } from "../run/runner.ts";
import { logFor, type CommandContext, type RegisterCommand } from "./context.ts";
import { addDatabaseOptions, addDatasetOptions, formats, orms, withPassword } from "./options.ts";
import {
  duration,
  folder,
  list,
  numbersFrom0,
  plugIns,
  positiveInteger,
  someOf,
  text,
  wholeNumber,
  wholeNumbers,
  words,
} from "./values.ts";
import { sayNextCommand } from "./next-command.ts";
import { DEFAULT_ROUNDS, newRun, resumedRun, type RunCommandOptions } from "./run-request.ts";

export const MAX_ROUNDS = 10_000;
export const MAX_SEED = 2 ** 32 - 1;

const EXAMPLES = `
Examples:
  bench run --suite quick                             the comparison of the README, a few minutes
  bench run chunked case-when --orm prisma,drizzle    two techniques through two ORMs, 3 rounds each
  bench run chunked --chunk 100,1000,5000             where is the best chunk size?
  bench run naive --scale 0.01 --cell-limit 30s       a hundredth of the data, stopped after 30 s
  bench run chunked --key identity,uuidv7             do time-ordered keys cost anything?
  bench run chunked --workers 1,2,4,6 --orm drizzle   what do parallel workers bring?
  bench run chunked naive --add-rtt 0,0.5,1,5 --scale 0.02     what does distance to the server cost?
  bench run parallel uuidv7 --orm mysql2              presets (see \`bench list presets\`)
  bench run naive --durability default,relaxed --scale 0.01    how much of it is waiting for the disk?
  bench run chunked --orm prisma@7.9.1,prisma@7.10.0  does this upgrade slow our batch?
  bench run chunked --track default,matched           with the same pool and protocol for all as well
  bench run ./my-strategy.ts --orm mysql2             your own technique, verified the same way
  bench run --resume results/2026-11-01/laptop/101500-quick-x1
  bench run --suite quick --db mysql://me@db/shootout your own server (asks for the password)

Each sample runs in a process of its own and is compared row by row with the expected result; a wrong one gets no time.
Results go to results/<date>/<machine>/<run>/: records.jsonl is the truth, the rest is rendered from it.
Exit code 1 if a cell failed.`;

/** Adds the options that say which cells are meant. */
export function addCellOptions(command: Command): Command {
  return command
    .argument(
      "[strategies...]",
      "techniques or presets (see `bench list`), or the path of your own",
      words({ names: plugIns("strategy", "preset"), paths: "files" }),
    )
    .option("--suite <id>", "a named set of cells instead of strategies", text({ names: plugIns("suite") }))
    .option(
      "--orm <ids>",
      "libraries, comma separated, or the path of your own; prisma@7.9.1 in a version of its own (default: all)",
      orms,
    )
    .option("--key <ids>", "surrogate keys, comma separated (default: identity)", list({ names: plugIns("key") }))
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
    .option("--isolation <levels>", `${ISOLATIONS.join(", ")}; comma separated (default: the server's)`, someOf(ISOLATIONS))
    .option(
      "--track <tracks>",
      "default: as each library's documentation has it; matched: same pool, nothing prepared",
      someOf(TRACKS),
    )
    .option("--cell-limit <time>", "stop a sample after this long, e.g. 120s, and estimate the rest", duration);
}

export const register: RegisterCommand = (program, context) => {
  const command = addCellOptions(
    program.command("run").description("Measures techniques on ORMs and keys, and proves every result."),
  )
    .option(
      "--add-rtt <ms>",
      "adds to each round trip by a proxy, comma separated; 0: the proxy alone, the others' baseline",
      numbersFrom0({ max: MAX_ADDED_RTT_MS }),
    )
    .option(
      "--durability <levels>",
      "default: as the server is; relaxed: commits don't wait for the disk (on servers of ours); comma separated",
      someOf(["default", ...DURABILITIES]),
    )
    .option(
      "--rounds <n>",
      `how often each cell is measured (default: the suite's, or ${DEFAULT_ROUNDS})`,
      positiveInteger({ max: MAX_ROUNDS }),
    )
    .option(
      "--baseline <orm>",
      "ORM that the others are compared with by the same technique; your own ORM by its path (default: the fastest raw driver)",
    )
    .option("--order-seed <n>", "order of the cells within each round", wholeNumber({ min: 0, max: MAX_SEED }), 1)
    .option("--out <folder>", "where the results go", folder)
    .option("--format <ids>", "table, csv, md, svg, json; comma separated", formats, DEFAULT_FORMATS)
    .option("--resume <folder>", "go on with an interrupted run: same plan, order and data, only what is missing", folder)
    .option("--json", "on standard output the summary as JSON and nothing else; the table goes to standard error")
    .option("-y, --yes", "don't ask before making data on a server that isn't ours, or before a long run there")
    .option("--dry-run", "show the plan, connect to nothing");
  addDatasetOptions(addDatabaseOptions(command))
    .addHelpText("after", EXAMPLES)
    .action((strategies: string[], options: RunCommandOptions) => run(command, context, strategies, options));
};

async function run(command: Command, context: CommandContext, strategies: string[], options: RunCommandOptions): Promise<void> {
  const log = logFor(command);
  const reporters = await findReporters(options.format);
  if (options.resume !== undefined) refuseWithResume(command);
  const request =
    options.resume === undefined ? await newRun(strategies, options) : await resumedRun(options.resume, strategies, options);
  if (options.dryRun === true) {
    context.print(options.json === true ? planAsJson(request) : describePlan(request));
    return;
  }
  const database = await withPassword(request.database);
  const confirm = async (pending: Pending, signal: AbortSignal): Promise<void> => {
    try {
      await confirmPending(pending, { yes: options.yes === true, show: (text) => log.info(text), signal });
    } catch (error) {
      // nothing will come into it
      await rmdir(request.folder).catch(() => {});
      throw error;
    }
  };
  await interruptible(
    async (signal) => {
      const results = await executeRun({ ...request, database }, { log, signal, confirm });
      await publish(results, reporters, request.folder, { print: context.print, log, json: options.json === true });
      await sayNextCommand(results, request.folder, log);
      const failed = results.samples.filter(({ status }) => status === "failed").length;
      if (failed > 0)
        throw new BenchError(
          "CELL_FAILED",
          `${failed} of ${results.samples.length} samples failed`,
          "the reasons stand above and in records.jsonl",
        );
    },
    () => howToGoOn(request),
  );
}

function howToGoOn({ folder, cells }: RunRequest): string {
  if (!existsSync(join(folder, RECORDS_FILE))) return "nothing was measured yet; the same command starts again";
  const command = resumeCommand(folder, cells);
  return command === null
    ? `what was finished is saved in ${folder}; an unreleased build can't be gone on with, so start a new run`
    : `what was finished is saved, and goes on with: ${command}`;
}

const WITH_RESUME = new Set(["resume", "db", "passwordFile", "tls", "tlsCa", "yes", "format", "json", "orm", "dryRun"]);

/** The plan of a run that is continued stands in its records. */
function refuseWithResume(command: Command): void {
  const other = command.options.find(
    (option) => !WITH_RESUME.has(option.attributeName()) && command.getOptionValueSource(option.attributeName()) === "cli",
  );
  if (other !== undefined)
    throw new BenchError(
      "BAD_OPTION",
      `--resume and ${other.long}`,
      "the plan stands in the records; give --db again if it was given",
    );
}

export function planAsJson({ cells, rounds, orderSeed, suite }: RunRequest): string {
  const plan = cells.map(({ cell, limitMs, skipReason }) => ({ ...cell, limitMs, skipReason }));
  return JSON.stringify({ suite, rounds, orderSeed, cells: plan }, null, 2);
}

export function describePlan({ cells, rounds, orderSeed }: RunRequest): string {
  const lines = orderOfRound(cells, orderSeed, 1).map(({ cell, skipReason, limitMs }) => {
    const limit = limitMs === null ? "" : `  at most ${limitMs / 1000} s`;
    return `  ${cell.id}  ${paint("dim", cell.api, process.stdout)}${skipReason === null ? limit : `  skipped: ${skipReason}`}`;
  });
  return [
    `${cells.length} cells x ${rounds} ${rounds === 1 ? "round" : "rounds"}; order of the first round (seed ${orderSeed}):`,
    ...lines,
  ].join("\n");
}
