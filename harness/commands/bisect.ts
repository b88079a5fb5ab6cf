/** `bench bisect`: which commit, or which version of a library, changed a cell? */
import type { Command } from "commander";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { BenchError } from "../../lib/errors.ts";
import { bisect } from "../bisect/bisect.ts";
import { newProgress, PROGRESS_FILE, readProgress, saveProgress, type BisectRequest } from "../bisect/progress.ts";
import { foundText } from "../bisect/report.ts";
import { commitSteps, repositoryOf, versionSteps } from "../bisect/steps.ts";
import { databaseArguments, parseDatabaseSelector, type DatabaseOptions } from "../database/index.ts";
import { openBaseTree } from "../gate/base.ts";
import { MAX_CHUNK_USERS, MAX_WORKERS } from "../plan/axes.ts";
import { DEFAULT_CHUNK_USERS, PARALLELS, SPLITS, type Parallel, type Split } from "../plan/cell.ts";
import { findPlugIn, listPlugIns } from "../registry.ts";
import { interruptible } from "../run/interrupt.ts";
import { defaultFolder, makeOutputFolder, newRunId } from "../run/output-folder.ts";
import { programName, quoted } from "../run/resume-command.ts";
import { benchOn } from "./bisect-bench.ts";
import { logFor, type CommandContext, type RegisterCommand } from "./context.ts";
import {
  addDatabaseOptions,
  addDatasetOptions,
  addVerdictOptions,
  datasetParameters,
  orm,
  verdictOptions,
  withPassword,
  type DatasetOptions,
  type VerdictPercents,
} from "./options.ts";
import { MAX_ROUNDS } from "./run.ts";
import { folder, oneOf, plugIns, positiveInteger, text } from "./values.ts";

/** As in a gate: finds +10 % in 94 of 100 cases at 3 % noise. */
const DEFAULT_PAIRS = 15;

const EXAMPLES = `
Examples:
  bench bisect chunked --orm prisma --good v0.1.0 --bad main             which commit changed this cell?
  bench bisect ./our-batch.ts --orm drizzle --good HEAD~20 --bad HEAD    your technique, each commit from its own files
  bench bisect chunked --package drizzle-orm --good 0.44.0 --bad 0.45.4  which version of the library changed it?
  bench bisect naive --orm prisma --good v1 --bad main --scale 0.01      a short search: statements decide at any scale
  bench bisect --resume results/2026-11-29/vm/101500-bisect-x1           continue after Ctrl-C

bench measures both ends first. If they send different numbers of statements, one sample decides each step. Otherwise paired rounds
decide, with the test of bench gate. bench exports each commit into its cache and installs its packages there; your working tree stays
as it is. It tests the commits of the first parents, so a merge is one step. A step that bench cannot measure is left out.`;

interface BisectOptions extends DatabaseOptions, DatasetOptions, VerdictPercents {
  orm?: string;
  key: string;
  chunk: number;
  workers: number;
  parallel: "threads" | Parallel;
  split: "range" | Split;
  package?: string;
  good?: string;
  bad?: string;
  rounds: number;
  out?: string;
  resume?: string;
  yes?: boolean;
  json?: boolean;
}

export const register: RegisterCommand = (program, context) => {
  const command = addVerdictOptions(
    program.command("bisect").description("Finds the commit, or the version of a library, that changed a cell."),
  )
    .argument(
      "[strategy]",
      "technique (see `bench list`), or the path of your strategy",
      text({ names: plugIns("strategy"), paths: "files" }),
    )
    .option("--orm <id>", "library, or the path of your ORM; with --package, the library of that package", orm)
    .option("--good <ref>", "commit, branch, tag or version before the change", text())
    .option("--bad <ref>", "commit, branch, tag or version after the change", text())
    .option("--package <name>", "search the versions of this npm package instead of commits", text())
    .option("--key <id>", "kind of surrogate key", text({ names: plugIns("key") }), "identity")
    .option("--chunk <n>", "users per chunk", positiveInteger({ max: MAX_CHUNK_USERS }), DEFAULT_CHUNK_USERS)
    .option("--workers <n>", "workers that divide the users", positiveInteger({ max: MAX_WORKERS }), 1)
    .option(
      "--parallel <way>",
      "several workers: a thread each, or connections of one thread",
      oneOf(["threads", ...PARALLELS]),
      "threads",
    )
    .option(
      "--split <way>",
      "several workers: a span of user ids each, or the users of one remainder",
      oneOf(["range", ...SPLITS]),
      "range",
    )
    .option("--rounds <n>", "paired rounds of each step, if times decide", positiveInteger({ max: MAX_ROUNDS }), DEFAULT_PAIRS)
    .option("--out <folder>", "folder for the records and the progress", folder)
    .option("--resume <folder>", "continue an interrupted search; bench measures only the missing steps", folder)
    .option("--json", "print the found step as JSON")
    .option("-y, --yes", "do not ask before creating data on a server that bench does not manage");
  addDatasetOptions(addDatabaseOptions(command))
    .addHelpText("after", EXAMPLES)
    .action((strategy: string | undefined, options: BisectOptions) => run(command, context, strategy, options));
};

/** The library of a package, if exactly one declares it. */
async function ormOfPackage(name: string): Promise<string> {
  const found = (await listPlugIns("orm")).filter(({ value }) => [value.packageName, ...(value.packages ?? [])].includes(name));
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only.value.id;
  throw new BenchError(
    "BAD_OPTION",
    only === undefined ? `no library has the package ${name}` : `several libraries have the package ${name}`,
    `add --orm: ${found.map(({ value }) => value.id).join(", ") || "see `bench list orms`"}`,
  );
}

const missing = (what: string, fix: string): BenchError => new BenchError("BAD_OPTION", `bench bisect has ${what}`, fix);

async function newRequest(strategy: string | undefined, options: BisectOptions, signal: AbortSignal): Promise<BisectRequest> {
  const { good, bad, package: name = null, key, chunk, workers, parallel, split, rounds } = options;
  if (strategy === undefined) throw missing("no technique", "name one, for example chunked (see `bench list strategies`)");
  if (good === undefined || bad === undefined)
    throw missing(good === undefined ? "no --good" : "no --bad", "pass both ends of the search");
  const library = options.orm ?? (name === null ? undefined : await ormOfPackage(name));
  if (library === undefined) throw missing("no library", "add --orm, for example --orm prisma");
  if (workers === 1 && (parallel !== "threads" || split !== "range"))
    throw new BenchError(
      "BAD_OPTION",
      `--${split === "range" ? `parallel ${parallel}` : `split ${split}`} changes nothing with one worker`,
      "add --workers 6, or remove the option",
    );
  await findPlugIn("strategy", strategy);
  await findPlugIn("orm", library);
  await findPlugIn("key", key);
  const dataset = datasetParameters(options);
  const steps = name === null ? await commitSteps(".", good, bad) : await versionSteps(name, good, bad, signal);
  return {
    package: name,
    cell: {
      strategy,
      orm: library,
      key,
      chunkUsers: chunk,
      workers,
      parallel: parallel === "threads" ? null : parallel,
      split: split === "range" ? null : split,
    },
    dataset,
    rounds,
    ...verdictOptions(options),
    steps,
  };
}

async function run(
  command: Command,
  context: CommandContext,
  strategy: string | undefined,
  options: BisectOptions,
): Promise<void> {
  const log = logFor(command);
  const database = parseDatabaseSelector(options);
  if (options.resume !== undefined && (strategy ?? options.good ?? options.bad ?? options.out) !== undefined)
    throw new BenchError(
      "BAD_OPTION",
      "--resume excludes a new search: the folder contains the search",
      "repeat only the database options",
    );
  const startedAt = new Date();
  const place = options.resume ?? options.out ?? defaultFolder(newRunId(startedAt, "bisect"), startedAt);
  const again = [`${programName()} bisect --resume ${quoted(place)}`, ...databaseArguments(database).map(quoted)].join(" ");
  await interruptible(
    async (signal) => {
      const progress =
        options.resume === undefined
          ? newProgress(await newRequest(strategy, options, signal))
          : await readProgress(options.resume);
      if (options.resume === undefined) {
        await makeOutputFolder(place);
        if (existsSync(join(place, PROGRESS_FILE)))
          throw new BenchError(
            "BAD_OUTPUT_FOLDER",
            `${place} contains another search`,
            `choose another --out, or continue it: ${again}`,
          );
        await saveProgress(place, progress);
      }
      const found = await bisect(
        benchOn(progress, {
          folder: place,
          openTree: async ({ id }) =>
            openBaseTree({ kind: "commit", ref: id, commit: id, repository: await repositoryOf(".") }, { log, signal }),
          database: await withPassword(database, signal),
          yes: options.yes === true,
          log,
          signal,
        }),
        progress,
      );
      context.print(options.json === true ? JSON.stringify({ ...found, folder: place }, null, 2) : foundText(found));
    },
    () =>
      existsSync(join(place, PROGRESS_FILE))
        ? `bench saved the finished steps; continue with: ${again}`
        : "run the same command to start again",
  );
}
