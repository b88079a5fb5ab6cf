/**
 * `npm run proof:aa`: measures the false alarms of the gate when it compares the same code with itself, on a real server.
 * A comparison is some rounds of two identical cells. At most one verdict of a hundred may be `regressed`. An interrupted run
 * resumes, because the harness writes each sample to disk at once. Exit code 3: more alarms than a correct gate gives in one of a
 * hundred tries.
 *
 * With `--slower 20` one side does a fifth more work, and the result is how often the gate detects it.
 */
import { Command, CommanderError, Option } from "commander";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { addDatabaseOptions } from "../../harness/commands/options.ts";
import { positiveInteger } from "../../harness/commands/values.ts";
import { parseDatabaseSelector, type DatabaseOptions } from "../../harness/database/index.ts";
import { interruptible } from "../../harness/run/interrupt.ts";
import { defaultFolder } from "../../harness/run/output-folder.ts";
import type { PlannedCell } from "../../harness/plan/planned-cell.ts";
import { groupsOfSuite, planCells } from "../../harness/plan/cells.ts";
import { readRecords, RECORDS_FILE, type RunResults } from "../../harness/results/records.ts";
import { findPlugIn, TREE_URL } from "../../harness/registry.ts";
import { executeRun } from "../../harness/run/runner.ts";
import { BenchError, EXIT } from "../../lib/errors.ts";
import { createLog } from "../../lib/log.ts";
import { startLoad } from "./lib/load.ts";
import { MAX_ALARMS, page, summaryOf } from "./lib/report.ts";

const SUITE = "noise";
const SEED = 1;
/** Hundreds of users: the job takes some hundredths of a second, and a sample takes one second. */
const DATA = { users: 100, orders: 3_000, dormantUsers: 0, dataSeed: 1 };
/** The smallest number of pairs that can reach significance at 1 %. */
const DEFAULT_PAIRS = 7;
const DEFAULT_COMPARISONS = 300;

interface Options extends DatabaseOptions {
  comparisons: number;
  pairs: number;
  load?: boolean;
  /** percent that one side takes longer; plugins/ has a file for each value */
  slower?: string;
  out?: string;
}

const SLOW_DOWNS = ["10", "20", "1000"];

const nameOf = ({ load, slower }: Options): string =>
  [slower === undefined ? "aa" : `slower-${slower}`, ...(load === true ? ["load"] : [])].join("-");

const folderOf = (options: Options): string =>
  join("results", "proof", relative("results", defaultFolder(nameOf(options), new Date())));

async function earlier(folder: string): Promise<RunResults | null> {
  const found = await stat(join(folder, RECORDS_FILE)).catch(() => null);
  return found === null ? null : readRecords(join(folder, RECORDS_FILE));
}

/** @returns true if other processes compute in the round: the second half of each comparison */
const isLoaded = (round: number, pairs: number): boolean => (round - 1) % pairs >= Math.ceil(pairs / 2);

/** The same cell as two sides. A slower side runs the same technique with additional work. */
async function planSides({ slower }: Options): Promise<PlannedCell[]> {
  const groups = await groupsOfSuite((await findPlugIn("suite", SUITE)).value);
  const strategies = [fileURLToPath(new URL(`plugins/slower-${slower}.ts`, import.meta.url))];
  const slowed = slower === undefined ? groups : groups.map((group) => ({ ...group, strategies }));
  return [
    ...(await planCells(groups, { treeUrl: TREE_URL, side: "base" })),
    ...(await planCells(slowed, { treeUrl: TREE_URL, side: "head" })),
  ];
}

async function measure(folder: string, options: Options, signal: AbortSignal): Promise<void> {
  const { comparisons, pairs } = options;
  const continued = await earlier(folder);
  await using _load = options.load === true ? startLoad(join(folder, RECORDS_FILE), (round) => isLoaded(round, pairs)) : null;
  await executeRun(
    {
      cells: await planSides(options),
      rounds: comparisons * pairs,
      orderSeed: SEED,
      suite: null,
      timeline: null,
      dataset: DATA,
      database: parseDatabaseSelector(options),
      runId: nameOf(options),
      startedAt: new Date(continued?.run.startedAt ?? Date.now()),
      folder,
      continued,
    },
    { log: createLog("normal"), signal },
  );
}

async function prove(options: Options): Promise<void> {
  const folder = options.out ?? folderOf(options);
  await mkdir(folder, { recursive: true });
  try {
    await interruptible(
      (signal) => measure(folder, options, signal),
      () => `the same command continues the interrupted one, with --out ${folder} on another day too`,
    );
  } finally {
    const results = await earlier(folder);
    if (results !== null) {
      const summary = summaryOf(results, options);
      await writeFile(join(folder, "aa.md"), page(results, summary));
      process.stdout.write(`${page(results, summary)}\nResults: ${folder}/\n`);
      if (options.slower === undefined && summary.alarms > MAX_ALARMS) process.exitCode = EXIT.gateFailed;
    }
  }
}

const program = new Command("aa")
  .description("Compares a cell with itself, again and again, and counts false alarms.")
  .option("--comparisons <n>", "how many", positiveInteger({ max: 10_000 }), DEFAULT_COMPARISONS)
  .option("--pairs <n>", "rounds of each", positiveInteger({ max: 100 }), DEFAULT_PAIRS)
  .option("--load", "others compute and write to the disk in the second half of each comparison")
  .addOption(new Option("--slower <percent>", "one side takes so much longer: how often is it found?").choices(SLOW_DOWNS))
  .option("--out <folder>", "where the records are, or go (default: results/proof/<date>/<machine>)")
  .exitOverride();
addDatabaseOptions(program).action((options: Options) => prove(options));

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  else if (error instanceof BenchError) {
    process.stderr.write(`error ${error.code}: ${error.message}\n${error.fix === undefined ? "" : `  fix: ${error.fix}\n`}`);
    process.exitCode = error.exitCode;
  } else throw error;
}
