/** `bench api run`: live requests beside the batch, by guard and by way of running the batch, proved consistent. */
import { Option, type Command } from "commander";
import { guardIds } from "../../api/guards/registry.ts";
import { DEFAULT_OPTIONS, type BatchStyle } from "../../api/options.ts";
import { BenchError } from "../../lib/errors.ts";
import { publishScenario } from "../scenario/publish.ts";
import { API_RECORDS_FILE, type ScenarioResults } from "../scenario/records.ts";
import { variantId, type BatchChoice, type PlannedVariant } from "../scenario/variant.ts";
import { MAX_CHUNK_USERS } from "../plan/axes.ts";
import { DEFAULT_CHUNK_USERS } from "../plan/cell.ts";
import { parseDatabaseSelector, type DatabaseOptions } from "../database/index.ts";
import { interruptible } from "../run/interrupt.ts";
import { defaultFolder, newRunId, prepareFolder, startAgain } from "../run/output-folder.ts";
import { planCells } from "../plan/cells.ts";
import { unknownName } from "../registry.ts";
import { addServiceOptions, apiGroup, type ServiceOptions } from "./api-group.ts";
import { logFor, type CommandContext, type RegisterCommand } from "./context.ts";
import { addDatabaseOptions, addDatasetOptions, datasetParameters, orms, withPassword, type DatasetOptions } from "./options.ts";
import {
  duration,
  folder,
  list,
  numbersFrom0,
  plugIns,
  positiveInteger,
  positiveNumber,
  someOf,
  wholeNumber,
  wholeNumbers,
} from "./values.ts";

const DEFAULT_GUARDS = ["none", "lock-timeout", "db-flag", "memory-flag"];
const STYLES = ["long", "chunked"] as const satisfies readonly BatchStyle[];
const DORMANT_USERS = 70_000;
const MAX_RATE = 20_000;
const MAX_ROUNDS = 1_000;
const MAX_SEED = 2 ** 32 - 1;
const MAX_PAUSE_MS = 60_000;
const SECOND_MS = 1_000;

const EXAMPLES = `
Examples:
  bench api run                                            each guard beside one transaction of minutes: the origin's before
  bench api run --batch-style chunked --chunk 100,500,2000 --pause 0,50     do short transactions do already?
  bench api run --guard none --strategy naive,chunked,case-when --orm drizzle   harm to neighbours, by technique
  bench api run --scale 0.02 --rate 100 --duration 5s      a quick look
  bench api run --guard none,memory-flag --pool-wait 30s --rounds 3

Requests arrive at a fixed mean rate whether or not others were answered, and latency counts from when one was due. After each
run every write is accounted for: acknowledged ones are there once, accepted ones took effect in order, the batch wrote over none.
It works in a schema of its own, <schema>_api_run, and refuses while a service runs in <schema>_api. Results go to results/<date>/<machine>/<run>/; \`bench report\` renders them again.
Exit code 3 if anything was lost or written over, 1 if a batch failed.`;

interface ApiRunOptions extends ServiceOptions, Omit<DatasetOptions, "dormantUsers">, DatabaseOptions {
  dormantUsers?: number;
  guard: string[];
  rate: number;
  batchStyle?: (typeof STYLES)[number][];
  chunk?: number[];
  pause: number[];
  strategy?: string[];
  orm?: string[];
  duration: number;
  batchLimit: number;
  timeout: number;
  rounds: number;
  seed: number;
  poolWait: number;
  out?: string;
  json?: boolean;
  yes?: boolean;
}

/** Long has no chunks; the others come once per chunk size and pause. */
function ownBatches({ batchStyle = ["long"], chunk = [DEFAULT_CHUNK_USERS], pause }: ApiRunOptions): BatchChoice[] {
  return batchStyle.flatMap((style): BatchChoice[] =>
    style === "long"
      ? [{ style, chunkUsers: null, pauseMs: 0, technique: null }]
      : chunk.flatMap((chunkUsers) => pause.map((pauseMs) => ({ style, chunkUsers, pauseMs, technique: null }))),
  );
}

/** @throws BenchError UNKNOWN_NAME, PLUGIN_INVALID, BAD_OPTION */
async function techniques({ strategy, orm, chunk }: ApiRunOptions): Promise<Omit<PlannedVariant, "id" | "guard">[]> {
  if (strategy === undefined) return [];
  const cells = await planCells([
    { strategies: strategy, orms: orm ?? ["mysql2"], keys: ["identity"], chunkUsers: chunk ?? [DEFAULT_CHUNK_USERS] },
  ]);
  const runnable = cells.filter(({ skipReason }) => skipReason === null);
  if (runnable.length === 0)
    throw new BenchError(
      "BAD_OPTION",
      `nothing to run: ${cells[0]?.skipReason ?? "no cell"}`,
      "name another --orm or --strategy",
    );
  return runnable.map(({ cell, modules }) => ({
    batch: { style: "strategy", chunkUsers: cell.chunkUsers, pauseMs: 0, technique: `${cell.strategy}/${cell.orm}` },
    modules,
  }));
}

async function planVariants(options: ApiRunOptions): Promise<PlannedVariant[]> {
  const known = await guardIds();
  for (const guard of options.guard) if (!known.includes(guard)) throw unknownName("guard", guard, known);
  if (options.strategy === undefined && options.orm !== undefined)
    throw new BenchError("BAD_OPTION", `--orm ${options.orm.join(",")} without --strategy`, "name the technique that it runs");
  const asked = options.strategy === undefined || options.batchStyle !== undefined;
  const batches = [
    ...(asked ? ownBatches(options).map((batch) => ({ batch, modules: null })) : []),
    ...(await techniques(options)),
  ];
  return batches.flatMap(({ batch, modules }) =>
    [null, ...new Set(options.guard)].map((guard) => ({ id: variantId(guard, batch), guard, batch, modules })),
  );
}

async function apiRun(command: Command, context: CommandContext, options: ApiRunOptions): Promise<void> {
  const log = logFor(command);
  const { dormantUsers = Math.round(DORMANT_USERS * options.scale) } = options;
  const dataset = datasetParameters({ ...options, dormantUsers });
  const variants = await planVariants(options);
  const startedAt = new Date();
  const runId = newRunId(startedAt, "api");
  const folder = options.out ?? defaultFolder(runId, startedAt);
  const selector = parseDatabaseSelector(options);
  await prepareFolder(folder, API_RECORDS_FILE);
  const database = await withPassword(selector);
  const { rounds, seed, rate, batchLimit, timeout, connections, poolWait, maxInFlight } = options;
  // loaded here, so that the other verbs start without it
  const { runScenario } = await import("../scenario/runner.ts");
  await interruptible(
    async (signal) => {
      const results = await runScenario(
        {
          variants,
          rounds,
          seed,
          ratePerSecond: rate,
          quietMs: options.duration,
          batchLimitMs: batchLimit,
          clientTimeoutMs: timeout,
          service: { poolConnections: connections, poolWaitMs: poolWait, maxInFlight },
          dataset,
          database,
          runId,
          startedAt,
          folder,
          yes: options.yes === true,
        },
        log,
        signal,
      );
      await publishScenario(results, folder, { print: context.print, log, json: options.json === true });
      if (!signal.aborted) requireSound(results);
    },
    () => `what was finished is saved; ${startAgain(options.out, API_RECORDS_FILE)}`,
  );
}

/** @throws BenchError INCONSISTENT, SCENARIO_FAILED */
export function requireSound({ samples }: ScenarioResults): void {
  const conflicting = samples.filter(({ verdict }) => verdict?.consistent === false);
  if (conflicting.length > 0)
    throw new BenchError(
      "INCONSISTENT",
      `${conflicting.length} of ${samples.length} runs have conflicts, the first ${conflicting[0]?.variant.id ?? ""}`,
      "they stand in api.md with examples",
    );
  const failed = samples.filter(({ status }) => status === "failed").length;
  if (failed > 0)
    throw new BenchError(
      "SCENARIO_FAILED",
      `${failed} of ${samples.length} runs failed`,
      "the reasons stand above and in api.md",
    );
}

export const register: RegisterCommand = (program, context) => {
  const command = apiGroup(program)
    .command("run")
    .description(
      "Measures what requests get while the batch runs, by guard and way of running it, and proves that nothing is lost.",
    )
    .option("--guard <ids>", "what protects requests, comma separated", list({ names: guardIds }), DEFAULT_GUARDS)
    .option("--rate <n>", "requests per second", positiveNumber({ max: MAX_RATE }), 200)
    .option("--batch-style <styles>", `${STYLES.join(", ")}; comma separated (default: long)`, someOf(STYLES))
    .option(
      "--chunk <users>",
      `users per transaction, comma separated (default: ${DEFAULT_CHUNK_USERS})`,
      wholeNumbers({ min: 1, max: MAX_CHUNK_USERS }),
    )
    .addOption(
      new Option("--pause <ms>", "between transactions of a chunked batch, comma separated")
        .argParser(numbersFrom0({ max: MAX_PAUSE_MS }))
        .default([0], "0"),
    )
    .option(
      "--strategy <ids>",
      "techniques of `bench list` as the batch, comma separated",
      list({ names: plugIns("strategy"), paths: "files" }),
    )
    .option("--orm <ids>", "the libraries that they run through, comma separated (default: mysql2)", orms)
    .addOption(
      new Option("--duration <time>", "requests before and after the batch").argParser(duration).default(10 * SECOND_MS, "10s"),
    )
    .addOption(
      new Option("--batch-limit <time>", "a batch that takes longer has failed")
        .argParser(duration)
        .default(600 * SECOND_MS, "10min"),
    )
    .addOption(new Option("--timeout <time>", "how long a client waits").argParser(duration).default(60 * SECOND_MS, "60s"))
    .option("--rounds <n>", "how often each is run", positiveInteger({ max: MAX_ROUNDS }), 1)
    .option("--seed <n>", "of requests and order", wholeNumber({ min: 0, max: MAX_SEED }), 1)
    .addOption(
      new Option("--pool-wait <time>", "for a connection, before a request is answered 503")
        .argParser(duration)
        .default(DEFAULT_OPTIONS.poolWaitMs, "1s"),
    )
    .option("--out <folder>", "where the results go", folder)
    .option("--json", "on standard output the summary as JSON and nothing else; the table goes to standard error")
    .option("-y, --yes", "don't ask before making data on a server that isn't ours");
  addDatasetOptions(addDatabaseOptions(addServiceOptions(command)));
  const dormant = command.options.find((option) => option.attributeName() === "dormantUsers");
  if (dormant !== undefined) dormant.description += ` (default: ${DORMANT_USERS} times the scale)`;
  dormant?.default(undefined);
  command.setOptionValue("dormantUsers", undefined);
  command.addHelpText("after", EXAMPLES).action((options: ApiRunOptions) => apiRun(command, context, options));
};
