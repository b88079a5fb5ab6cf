/**
 * `npm run perf`: compares speed and memory, as ratios within one run, with limits. Each measure is a file in `perf/` that
 * exports `measure`. Exit code 0: every limit is met; 1: a failure; 2: usage; 3: a limit is missed. See docs/performance.md.
 */
import { Command, CommanderError } from "commander";
import { readdir, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { DEFAULT_CHUNK_USERS } from "../harness/plan/cell.ts";
import type { PlannedCell } from "../harness/plan/planned-cell.ts";
import { clockMs } from "../lib/clock.ts";
import { addDatabaseOptions } from "../harness/commands/options.ts";
import { list, positiveInteger, positiveNumber, wholeNumber, wholeNumbers } from "../harness/commands/values.ts";
import { openDatabase, parseDatabaseSelector, type DatabaseOptions, type DatabaseSelector } from "../harness/database/index.ts";
import { interruptible, orAborted } from "../harness/run/interrupt.ts";
import { defaultFolder, prepareFolder } from "../harness/run/output-folder.ts";
import { planCells } from "../harness/plan/cells.ts";
import { readEnvironment } from "../harness/probes/environment.ts";
import { loadWarning } from "../harness/probes/load.ts";
import { listPlugIns, unknownName } from "../harness/registry.ts";
import { connect } from "../lib/connection.ts";
import { BenchError, EXIT, messageOf } from "../lib/errors.ts";
import { createLog } from "../lib/log.ts";
import { lockSchema } from "../lib/schema-lock.ts";
import { describeTarget } from "../lib/target.ts";
import type { PerfContext, PerfMeasure } from "./perf/lib/measure.ts";
import { page, terminalTable } from "./perf/lib/report.ts";
import { PERF_FILE, readResults, writeResults, type Measured, type PerfResults } from "./perf/lib/results.ts";
import { decimal } from "../harness/text/format.ts";

const MEASURES = new URL("./perf/", import.meta.url);
const MAX_PAIRS = 100;
const MAX_SEED = 2 ** 32 - 1;

interface Options extends DatabaseOptions {
  pairs: number;
  scale: number;
  seed: number;
  orm?: string[];
  workers: number[];
  out?: string;
  continue?: string;
  limitFactor: number;
}

/** In order of their ids. */
async function findMeasures(): Promise<PerfMeasure[]> {
  const found: PerfMeasure[] = [];
  for (const file of (await readdir(MEASURES)).toSorted()) {
    if (!file.endsWith(".ts")) continue;
    const { measure } = (await import(new URL(file, MEASURES).href)) as { measure?: PerfMeasure };
    if (measure !== undefined) found.push(measure);
  }
  return found;
}

/** `results/perf/<date>/<machine>` */
const folderOf = (startedAt: Date): string => join("results", "perf", relative("results", defaultFolder(".", startedAt)));

/** @throws BenchError BAD_OUTPUT_FOLDER when the folder holds the results of another run */
async function prepareResultsFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => null);
  if (found?.isDirectory() === true && (await readdir(folder)).includes(PERF_FILE))
    throw new BenchError(
      "BAD_OUTPUT_FOLDER",
      `${folder} holds the results of another run`,
      "name another folder with --out, or delete it",
    );
  await prepareFolder(folder);
}

/** A failed measure does not stop the others. */
async function take(
  measure: PerfMeasure,
  context: PerfContext,
  limitFactor: number,
  gitCommit: string | null,
): Promise<Measured> {
  const { id, what, against, unit } = measure;
  const limit = measure.limit === null ? null : measure.limit * limitFactor;
  const startedAt = clockMs();
  const described = { id, what, against, limit, unit, gitCommit };
  try {
    const { pairs, parts, ...outcome } = await measure.run(context);
    const isMet = limit === null || outcome.value <= limit;
    return {
      ...described,
      status: limit === null ? "information" : isMet ? "met" : "missed",
      reason: null,
      tookMs: clockMs() - startedAt,
      outcome: { ...outcome, pairs: [...pairs], parts: parts.map((part) => ({ ...part, pairs: [...part.pairs] })) },
    };
  } catch (error) {
    context.signal.throwIfAborted();
    // The report of a bug needs its stack.
    const reason = error instanceof BenchError || !(error instanceof Error) ? messageOf(error) : (error.stack ?? error.message);
    return { ...described, status: "failed", reason, tookMs: clockMs() - startedAt, outcome: null };
  }
}

/** @throws BenchError UNKNOWN_NAME */
function requireKnown(word: string, names: readonly string[], known: readonly string[]): void {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw unknownName(word, unknown, known);
}

interface Plan {
  readonly measures: readonly PerfMeasure[];
  readonly orms: readonly string[];
  /** cells that cover every library, for the versions in the results */
  readonly cells: readonly PlannedCell[];
  readonly selector: DatabaseSelector;
  readonly folder: string;
  readonly startedAt: Date;
  /** the results in the folder of a resumed run */
  readonly earlier: PerfResults | null;
}

/** Checks all arguments before the first connection. */
async function planOf(ids: readonly string[], options: Options): Promise<Plan> {
  const all = await findMeasures();
  requireKnown(
    "measure",
    ids,
    all.map(({ id }) => id),
  );
  const known = (await listPlugIns("orm")).map(({ value }) => value.id);
  requireKnown("ORM", options.orm ?? [], known);
  const selector = parseDatabaseSelector(options);
  if (options.continue !== undefined && options.out !== undefined)
    throw new BenchError("BAD_OPTION", "--continue and --out", "a continued run writes where it began: leave --out away");
  const earlier = options.continue === undefined ? null : await readResults(join(options.continue, PERF_FILE));
  const startedAt = new Date();
  const folder = options.continue ?? options.out ?? folderOf(startedAt);
  if (earlier === null) await prepareResultsFolder(folder);
  return {
    earlier,
    measures: all.filter(({ id, isOnlyByName }) => (ids.length === 0 ? isOnlyByName !== true : ids.includes(id))),
    orms: earlier?.orms ?? known.filter((id) => options.orm?.includes(id) ?? true),
    cells: await planCells([{ strategies: ["chunked"], orms: known, keys: ["identity"], chunkUsers: [DEFAULT_CHUNK_USERS] }]),
    selector,
    folder,
    startedAt,
  };
}

/** @throws BenchError RESUME_MISMATCH */
function requireSameMachine(earlier: PerfResults, now: PerfResults["environment"], folder: string): void {
  const of = ({ machine: { name, cpu, cores }, server: { version, durability } }: PerfResults["environment"]): string =>
    `${name}, ${cpu}, ${cores} cores, MySQL ${version}, durability ${durability}`;
  if (of(earlier.environment) === of(now)) return;
  throw new BenchError(
    "RESUME_MISMATCH",
    `${folder} was measured on ${of(earlier.environment)}; here is ${of(now)}`,
    "continue on that machine, or start again with --out",
  );
}

/** @returns the exit code */
async function measureAll(ids: readonly string[], options: Options, signal: AbortSignal): Promise<number> {
  const { measures, orms, cells, selector, folder, startedAt, earlier } = await planOf(ids, options);
  // A resumed run keeps its settings, so that all rows of its table were measured with the same ones.
  const { pairs, scale, seed, workers, limitFactor } = earlier ?? options;
  const file = join(folder, PERF_FILE);
  const log = createLog("normal");
  const busy = loadWarning();
  if (busy !== null) log.warn(busy);

  await using database = await orAborted(openDatabase(selector, { log }), signal);
  await using resources = new AsyncDisposableStack();
  const admin = await connect(database.target, { withSchema: false });
  resources.defer(() => admin.destroy());
  // This connection only holds the lock. The measures report a lost server.
  admin.on("error", () => {});
  if (!(await lockSchema(admin, `${database.target.schema}_perf`, 0)))
    throw new BenchError("SCHEMA_BUSY", `another perf is at work beside ${describeTarget(database.target)}`, "wait for it");

  const { environment, notes } = await readEnvironment(admin, database, cells, folder);
  if (earlier !== null) requireSameMachine(earlier, environment, folder);
  const warnings = busy === null ? [] : [`Warning at the start: ${busy}.`];
  const described = earlier ?? {
    startedAt: startedAt.toISOString(),
    pairs,
    scale,
    seed,
    orms: [...orms],
    workers: [...workers],
    limitFactor,
    environment,
    notes: [...notes, ...warnings],
  };
  const requested = measures.map(({ id }) => id);
  const context: PerfContext = { selector, database, ids: requested, pairs, scale, seed, orms, workers, folder, log, signal };
  let all = earlier?.measures ?? [];
  const taken: Measured[] = [];
  for (const [index, measure] of measures.entries()) {
    const { id, what, against, unit } = measure;
    log.info(`[${index + 1}/${measures.length}] ${id}: ${what}, against ${against}`);
    const measured = await take(measure, context, limitFactor, environment.gitCommit);
    signal.throwIfAborted();
    taken.push(measured);
    if (measured.outcome === null) log.warn(`${id} failed: ${measured.reason ?? ""}`);
    else log.info(`${id}: ${measured.status} (${decimal(measured.outcome.value, 3)} ${unit})`);
    // Written after each measure, so that an interruption loses only the current one.
    all = [...all.filter((other) => other.id !== id), measured].toSorted((a, b) => a.id.localeCompare(b.id));
    await writeResults(file, { ...described, measures: all });
    await writeFile(join(folder, "perf.md"), page(await readResults(file)));
  }
  process.stdout.write(`${terminalTable(await readResults(file))}\n\nResults: ${folder}/ (${PERF_FILE}, perf.md)\n`);
  if (taken.some(({ status }) => status === "failed")) return EXIT.toolFailed;
  return taken.some(({ status }) => status === "missed") ? EXIT.gateFailed : EXIT.ok;
}

function createProgram(): Command {
  const program = new Command("perf")
    .description("Measures the speed and memory of the project itself, as ratios within one run, against limits.")
    .argument("[ids...]", "measures (default: all that do not take hours); a wrong one shows which there are")
    .option("--pairs <n>", "how often each side is measured; intervals need 6", positiveInteger({ max: MAX_PAIRS }), 7)
    .option("--scale <factor>", "multiplies users and orders; below 1 it is a trial", positiveNumber({ max: 100 }), 1)
    .option("--orm <ids>", "libraries for adapters, memory and naive-to-best, comma separated (default: all)", list())
    .option("--workers <n>", "of the cells, comma separated", wholeNumbers({ min: 1, max: 64 }), [1, 2, 4, 6])
    .option("--seed <n>", "of the random orders", wholeNumber({ min: 0, max: MAX_SEED }), 1)
    .option("--out <folder>", "where the results go (default: results/perf/<date>/<machine>)")
    .option("--continue <folder>", "takes measures into earlier results, with their settings; one that is there is replaced")
    .showHelpAfterError("(--help shows the options)")
    .exitOverride();
  program.addOption(
    program
      .createOption("--limit-factor <factor>", "multiplies every limit, to see what a missed or met one looks like")
      .argParser(positiveNumber({ max: 1e6 }))
      .default(1)
      .hideHelp(),
  );
  return addDatabaseOptions(program).action(async (ids: string[], options: Options) => {
    process.exitCode = await interruptible((signal) => measureAll(ids, options, signal));
  });
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof BenchError) {
    process.stderr.write(`error ${error.code}: ${error.message}\n${error.fix === undefined ? "" : `  fix: ${error.fix}\n`}`);
    return error.exitCode;
  }
  process.stderr.write(`internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.toolFailed;
}

try {
  await createProgram().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
