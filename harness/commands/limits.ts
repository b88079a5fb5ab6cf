/** `bench limits`: searches for the size at which each many-row technique fails through each library. */
import { Option, type Command } from "commander";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { BenchError } from "../../lib/errors.ts";
import { describeTarget } from "../../lib/target.ts";
import { openDatabase, parseDatabaseSelector, type Database, type DatabaseOptions } from "../database/index.ts";
import { titleOf } from "../limits/kinds.ts";
import { LIMITS_RECORDS_FILE, readLimits, searchName, type LimitsResults } from "../limits/records.ts";
import { ormLabel } from "../plan/cell.ts";
import { planCells } from "../plan/cells.ts";
import type { PlannedCell } from "../plan/planned-cell.ts";
import { listPlugIns } from "../registry.ts";
import { interruptible, orAborted } from "../run/interrupt.ts";
import { defaultFolder, makeOutputFolder, newRunId } from "../run/output-folder.ts";
import { promptYesNo, canPrompt } from "../text/terminal.ts";
import { logFor, type CommandContext, type RegisterCommand } from "./context.ts";
import { addDatabaseOptions, orms, withPassword } from "./options.ts";
import { duration, folder, percent, plugIns, positiveInteger, size, SIZE_UNITS, TIME_UNITS, words } from "./values.ts";

const DEFAULT_HEAP_BYTES = 512 * 2 ** 20;
const MIN_HEAP_BYTES = 64 * 2 ** 20;
const DEFAULT_SERVER_MEMORY_BYTES = 2 * 2 ** 30;
const DEFAULT_ATTEMPT_MS = 30_000;
const MAX_ROWS = 2 ** 23;
const MAX_PRECISION_PERCENT = 50;
const DEFAULT_PRECISION_PERCENT = 0.1;
const PERCENT = 100;

const EXAMPLES = `
Examples:
  bench limits --orm mysql2                   every many-row technique through mysql2
  bench limits case-when chunked --orm prisma,drizzle
  bench limits ./my-strategy.ts --orm mysql2  your technique; with an export form, one statement of any size
  bench limits --orm mysql2 --out DIR         continues the searches that DIR lacks
  bench limits --time-limit 10min --attempt-limit 20s

bench doubles the number of rows until a statement fails, then bisects. Each attempt runs in a transaction that is rolled back, on
the schema <schema>_scratch, in a process with a limit of the heap: a crash is a result. The limit of the server's memory needs a
server on this machine. Exit code 1 if a search could not run, or if not even one row worked.`;

interface LimitsOptions extends DatabaseOptions {
  orm?: string[];
  heap: number;
  serverMemory: number;
  attemptLimit: number;
  timeLimit?: number;
  maxRows: number;
  precision: number;
  out?: string;
  json?: boolean;
  yes?: boolean;
}

/** Techniques that write many rows with one statement, by what they declare. */
async function manyRowTechniques(): Promise<string[]> {
  const all = await listPlugIns("strategy");
  return all
    .filter(({ value: { requires, roundTrips } }) => {
      const writesMany = requires.includes("raw-sql") || requires.includes("bulk-update");
      return roundTrips === "per-chunk" && writesMany;
    })
    .map(({ value }) => value.id);
}

async function planned(techniques: readonly string[], orms: readonly string[] | undefined): Promise<PlannedCell[]> {
  return planCells([
    {
      strategies: techniques.length > 0 ? techniques : await manyRowTechniques(),
      orms: orms ?? (await listPlugIns("orm")).map(({ value }) => value.id),
      keys: ["identity"],
      chunkUsers: [1],
    },
  ]);
}

/** @throws BenchError BAD_OPTION */
function settingsOf({ heap, serverMemory, attemptLimit, maxRows, precision }: LimitsOptions, database: Database | null) {
  if (heap < MIN_HEAP_BYTES)
    throw new BenchError("BAD_OPTION", "--heap is below 64 MiB, so that no library loads", "pass a size such as 256MiB");
  return {
    heapBytes: heap,
    serverMemoryBytes: database?.serverPid === null ? null : serverMemory,
    attemptLimitMs: attemptLimit,
    maxRows,
    precision: precision / PERCENT,
  };
}

/** The records of an earlier start in the folder; null without them. @throws BenchError RECORDS_UNREADABLE */
async function earlierIn(out: string): Promise<LimitsResults | null> {
  const file = await stat(join(out, LIMITS_RECORDS_FILE)).catch(() => null);
  return file === null || file.size === 0 ? null : await readLimits(out);
}

function withoutDone(cells: readonly PlannedCell[], results: LimitsResults | null): PlannedCell[] {
  const done = new Set(results?.searches.filter(({ status }) => status !== "unfinished" && status !== "failed").map(searchName));
  return cells.filter(({ cell }) => !done.has(searchName({ strategy: cell.strategy, orm: ormLabel(cell) })));
}

/** @throws BenchError NOTHING_TO_RESUME */
function missingOf(cells: readonly PlannedCell[], earlier: LimitsResults | null, out: string): PlannedCell[] {
  const missing = withoutDone(cells, earlier);
  if (missing.length > 0) return missing;
  throw new BenchError(
    "NOTHING_TO_RESUME",
    `cannot continue ${out}: it has all of these searches`,
    "name other techniques or libraries, or choose another --out",
  );
}

/** @throws BenchError CONFIRMATION_NEEDED */
async function confirm({ target, owned, serverVersion }: Database, yes: boolean, signal: AbortSignal): Promise<void> {
  if (owned || yes) return;
  const text =
    `${describeTarget(target)} (${serverVersion}) is a server that bench does not manage. bench would send statements of growing size ` +
    `to the schema ${target.schema}_scratch, until one fails. They can take much memory of the server.`;
  const refused = (what: string): BenchError =>
    new BenchError("CONFIRMATION_NEEDED", what, "bench changed nothing; pass --yes to confirm");
  if (!canPrompt()) throw refused(`${text}\ncannot prompt for confirmation: standard input is not a terminal`);
  process.stderr.write(`${text}\n`);
  if (!(await promptYesNo("Continue?", signal))) throw refused("not confirmed");
}

/** @throws BenchError LIMITS_FAILED */
function requireSearched({ searches }: LimitsResults): void {
  const failed = searches.filter(({ status }) => status === "failed");
  const [first] = failed;
  if (first === undefined) return;
  const kind = first.failed === null ? "" : ` (${titleOf(first.failed.kind)})`;
  throw new BenchError(
    "LIMITS_FAILED",
    `${failed.length} of ${searches.length} searches failed, first ${searchName(first)}: ${first.reason ?? "unknown"}${kind}`,
    "run the same cell with bench run for more details",
  );
}

async function limits(
  command: Command,
  context: CommandContext,
  techniques: readonly string[],
  options: LimitsOptions,
): Promise<void> {
  const log = logFor(command);
  settingsOf(options, null);
  const selector = parseDatabaseSelector(options);
  const cells = await planned(techniques, options.orm);
  const startedAt = new Date();
  const out = options.out ?? defaultFolder(newRunId(startedAt, "limits"), startedAt);
  const earlier = await earlierIn(out);
  const missing = missingOf(cells, earlier, out);
  await makeOutputFolder(out);
  // lazy imports keep the start of the other verbs short
  const [{ searchLimits }, { publishLimits }] = await Promise.all([
    import("../limits/runner.ts"),
    import("../limits/publish.ts"),
  ]);
  const withSecret = await withPassword(selector);
  await interruptible(
    async (signal) => {
      await using database = await orAborted(openDatabase(withSecret, { log, signal }), signal);
      await confirm(database, options.yes === true, signal);
      if (database.serverPid === null) log.info("bench cannot see the memory of this server: --server-memory has no effect");
      const request = {
        cells: missing,
        settings: settingsOf(options, database),
        database,
        folder: out,
        earlier: earlier?.limits ?? null,
        timeLimitMs: options.timeLimit ?? null,
      };
      const results = await searchLimits(request, log, signal);
      await publishLimits(results, out, { print: context.print, log, json: options.json === true });
      const left = withoutDone(missing, results).length;
      if (left > 0) log.warn(`the time limit left out ${left} searches; run the same command with --out ${out} to continue`);
      requireSearched(results);
    },
    () => `bench saved the finished searches; run the same command with --out ${out} to continue`,
  );
}

export const register: RegisterCommand = (program, context) => {
  const command = program
    .command("limits")
    .description("Searches for the number of rows at which each many-row technique fails through each library.")
    .argument(
      "[techniques...]",
      "techniques, or paths of yours (default: all that write many rows with one statement)",
      words({ names: plugIns("strategy"), paths: "files" }),
    )
    .option("--orm <ids>", "libraries, comma separated, or paths of yours (default: all)", orms)
    .option("--max-rows <n>", "the largest size to try", positiveInteger({ max: MAX_ROWS }), MAX_ROWS)
    .addOption(
      new Option("--precision <percent>", "the bisection ends when both sizes differ by less than this; 0: by one row")
        .argParser(percent({ min: 0, max: MAX_PRECISION_PERCENT }))
        .default(DEFAULT_PRECISION_PERCENT),
    )
    .addOption(
      new Option("--heap <size>", `limit of the heap of the process that loads the library (${SIZE_UNITS})`)
        .argParser(size)
        .default(DEFAULT_HEAP_BYTES, "512MiB"),
    )
    .addOption(
      new Option("--server-memory <size>", `growth of the server's memory that ends an attempt (${SIZE_UNITS})`)
        .argParser(size)
        .default(DEFAULT_SERVER_MEMORY_BYTES, "2GiB"),
    )
    .addOption(
      new Option("--attempt-limit <time>", `limit of one attempt (${TIME_UNITS})`)
        .argParser(duration)
        .default(DEFAULT_ATTEMPT_MS, "30s"),
    )
    .option("--time-limit <time>", `limit of the whole command; --out continues it (${TIME_UNITS})`, duration)
    .option("--out <folder>", "folder for the results; a folder with searches of the same settings is continued", folder)
    .option("--json", "print only the results as JSON to standard output; the table goes to standard error")
    .option("-y, --yes", "do not ask on a server that bench does not manage");
  addDatabaseOptions(command);
  command
    .addHelpText("after", EXAMPLES)
    .action((techniques: string[], options: LimitsOptions) => limits(command, context, techniques, options));
};
