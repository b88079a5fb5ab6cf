/** `bench api run`: measures live requests beside the batch, by guard and batch style, and checks every write afterwards. */
import { Option, type Command } from "commander";
import { guardIds } from "../../api/guards/registry.ts";
import { DEFAULT_OPTIONS, type BatchStyle } from "../../api/options.ts";
import { SERVICE_PACKAGES } from "../../api/packages.ts";
import { BenchError } from "../../lib/errors.ts";
import { publishScenario } from "../scenario/publish.ts";
import { API_RECORDS_FILE, type ScenarioResults } from "../scenario/records.ts";
import { ONE_WORKER, variantId, type BatchChoice, type PlannedVariant } from "../scenario/variant.ts";
import { MAX_CHUNK_USERS } from "../plan/axes.ts";
import { DEFAULT_CHUNK_USERS } from "../plan/cell.ts";
import { MAX_INSTANCES } from "../cluster/cluster.ts";
import { parseDatabaseSelector, type DatabaseOptions } from "../database/index.ts";
import { requirePackages } from "../packages/installed.ts";
import { interruptible } from "../run/interrupt.ts";
import { defaultFolder, newRunId, prepareFolder, startAgain } from "../run/output-folder.ts";
import { unknownName } from "../registry.ts";
import { addServiceOptions, apiGroup, type ServiceOptions } from "./api-group.ts";
import { logFor, type CommandContext, type RegisterCommand } from "./context.ts";
import { addDisturbanceOptions, disturbancesFor } from "./disturbance-options.ts";
import {
  addDatabaseOptions,
  addDatasetOptions,
  datasetParameters,
  orms,
  title,
  withPassword,
  type DatasetOptions,
} from "./options.ts";
import { techniqueBatches, type TechniqueOptions } from "./technique-batches.ts";
import {
  duration,
  durationsFrom0,
  folder,
  list,
  plugIns,
  positiveInteger,
  positiveNumber,
  someOf,
  TIME_UNITS,
  wholeNumber,
  wholeNumbers,
} from "./values.ts";
import { addWorkerOptions } from "./worker-options.ts";

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
  bench api run                                            four guards beside one transaction that lasts minutes
  bench api run --batch-style chunked --chunk 100,500,2000 --pause 0,50ms   are short transactions enough?
  bench api run --guard none --strategy naive,chunked,case-when --orm drizzle   how much does each technique delay requests?
  bench api run --guard none --strategy chunked --workers 1,6 --parallel threads,connections --split range,modulo
  bench api run --scale 0.02 --rate 100 --duration 5s      a short measurement
  bench api run --guard none,memory-flag --pool-wait 30s --rounds 3
  bench api run --instances 1,2,3 --guard memory-flag      do several instances share a batch without conflicts?
  bench api run --instances 3 --guard memory-flag --kill-at 50% --pause-at 50% --scale-at 50%:4   and when one of them fails?

The generator sends requests at a fixed mean rate and does not wait for earlier answers. Latency counts from the time at which a
request was due. After each run, bench checks every write: the database holds each acknowledged write once, accepted writes took
effect in order, and the batch overwrote none of them. bench uses a separate schema, <schema>_api_run, and refuses to run while
a service uses <schema>_api. It writes results to results/<date>/<machine>/<run>/; \`bench report\` prints them again.
Exit code 3 if a write was lost or overwritten, 1 if a batch failed.`;

interface ApiRunOptions extends ServiceOptions, TechniqueOptions, Omit<DatasetOptions, "dormantUsers">, DatabaseOptions {
  dormantUsers?: number;
  guard: string[];
  rate: number;
  batchStyle?: (typeof STYLES)[number][];
  pause: number[];
  instances?: number[];
  duration: number;
  batchLimit: number;
  timeout: number;
  rounds: number;
  seed: number;
  poolWait: number;
  out?: string;
  title?: string;
  json?: boolean;
  yes?: boolean;
}

/** The `long` batch has no chunks. A chunked batch becomes one choice per chunk size and pause. */
function ownBatches(options: ApiRunOptions): BatchChoice[] {
  const { batchStyle, chunk = [DEFAULT_CHUNK_USERS], pause, instances } = options;
  const disturbances = disturbancesFor({ ...options }, instances);
  // One transaction of minutes cannot be divided among instances.
  const styles = batchStyle ?? [instances === undefined ? "long" : "chunked"];
  return styles.flatMap((style): BatchChoice[] =>
    style === "long"
      ? [{ style, chunkUsers: null, pauseMs: 0, technique: null, ...ONE_WORKER, instances: null, disturbance: null }]
      : chunk.flatMap((chunkUsers) =>
          pause.flatMap((pauseMs) =>
            (instances ?? [null]).flatMap((count) =>
              (count === null ? [null] : disturbances(count)).map((disturbance) => ({
                style,
                chunkUsers,
                pauseMs,
                technique: null,
                ...ONE_WORKER,
                instances: count,
                disturbance,
              })),
            ),
          ),
        ),
  );
}

async function planVariants(options: ApiRunOptions, skipped: (id: string, reason: string) => void): Promise<PlannedVariant[]> {
  const known = await guardIds();
  for (const guard of options.guard) if (!known.includes(guard)) throw unknownName("guard", guard, known);
  const undivided = options.batchStyle?.find((style) => style !== "chunked");
  if (options.instances !== undefined && (undivided !== undefined || options.strategy !== undefined))
    throw new BenchError(
      "BAD_OPTION",
      `--instances needs batches in the style chunked, not ${undivided ?? "techniques"}`,
      "remove --instances, or use --batch-style chunked without --strategy",
    );
  const requested = options.strategy === undefined || options.batchStyle !== undefined;
  const batches = [
    ...(requested ? ownBatches(options).map((batch) => ({ batch, modules: null })) : []),
    ...(await techniqueBatches(options, skipped)),
  ];
  return batches.flatMap(({ batch, modules }) =>
    // The slowdown by requests is measured without disturbances.
    [...(batch.disturbance === null ? [null] : []), ...new Set(options.guard)].map((guard) => ({
      id: variantId(guard, batch),
      guard,
      batch,
      modules,
    })),
  );
}

async function apiRun(command: Command, context: CommandContext, options: ApiRunOptions): Promise<void> {
  const log = logFor(command);
  const { dormantUsers = Math.round(DORMANT_USERS * (options.scale ?? 1)) } = options;
  const dataset = datasetParameters({ ...options, dormantUsers });
  const variants = await planVariants(options, (id, reason) => log.warn(`skips ${id}: ${reason}`));
  requirePackages(SERVICE_PACKAGES, import.meta.url, "bench api run");
  const startedAt = new Date();
  const runId = newRunId(startedAt, "api");
  const folder = options.out ?? defaultFolder(runId, startedAt);
  const selector = parseDatabaseSelector(options);
  await prepareFolder(folder, API_RECORDS_FILE);
  const database = await withPassword(selector);
  const { rounds, seed, rate, batchLimit, timeout, connections, poolWait, maxInFlight } = options;
  // a lazy import keeps the start of the other verbs short
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
          title: options.title ?? null,
          yes: options.yes === true,
        },
        log,
        signal,
      );
      await publishScenario(results, folder, { print: context.print, log, json: options.json === true });
      if (!signal.aborted) requireSound(results);
    },
    () => `bench saved the finished samples; ${startAgain(options.out, API_RECORDS_FILE)}`,
  );
}

/** @throws BenchError INCONSISTENT, SCENARIO_FAILED */
export function requireSound({ samples }: ScenarioResults): void {
  const conflicting = samples.filter(({ verdict }) => verdict?.consistent === false);
  if (conflicting.length > 0)
    throw new BenchError(
      "INCONSISTENT",
      `${conflicting.length} of ${samples.length} runs have conflicts, first in ${conflicting[0]?.variant.id ?? ""}`,
      "read the conflicts and examples in api.md",
    );
  const failed = samples.filter(({ status }) => status === "failed").length;
  if (failed > 0)
    throw new BenchError("SCENARIO_FAILED", `${failed} of ${samples.length} runs failed`, "read the reasons above or in api.md");
}

export const register: RegisterCommand = (program, context) => {
  const command = apiGroup(program)
    .command("run")
    .description("Measures requests while the batch runs, by guard and batch style, and checks that no write is lost.")
    .option(
      "--guard <ids>",
      "guards that protect requests from the batch, comma separated",
      list({ names: guardIds }),
      DEFAULT_GUARDS,
    )
    .option("--rate <n>", "requests per second", positiveNumber({ max: MAX_RATE }), 200)
    .option(
      "--batch-style <styles>",
      `how the batch uses transactions: ${STYLES.join(", ")}; comma separated (default: long)`,
      someOf(STYLES),
    )
    .option(
      "--chunk <users>",
      `users per transaction, comma separated (default: ${DEFAULT_CHUNK_USERS})`,
      wholeNumbers({ min: 1, max: MAX_CHUNK_USERS }),
    )
    .addOption(
      new Option(
        "--pause <times>",
        `pause between the transactions of a chunked batch, e.g. 50ms; comma separated (${TIME_UNITS})`,
      )
        .argParser(durationsFrom0({ maxMs: MAX_PAUSE_MS, name: "60 s" }))
        .default([0], "0"),
    )
    .option(
      "--instances <n>",
      "instances behind nginx that share each batch, comma separated, e.g. 1,2,3 (default: one without nginx)",
      wholeNumbers({ min: 1, max: MAX_INSTANCES }),
    )
    .option(
      "--strategy <ids>",
      "run the batch by these techniques (see `bench list`), comma separated",
      list({ names: plugIns("strategy"), paths: "files" }),
    )
    .option("--orm <ids>", "libraries for --strategy, comma separated (default: mysql2)", orms);
  addWorkerOptions(command)
    .addOption(
      new Option("--duration <time>", `time with requests before the batch, and again after it (${TIME_UNITS})`)
        .argParser(duration)
        .default(10 * SECOND_MS, "10s"),
    )
    .addOption(
      new Option("--batch-limit <time>", `count a batch as failed after this time (${TIME_UNITS})`)
        .argParser(duration)
        .default(600 * SECOND_MS, "10min"),
    )
    .addOption(
      new Option("--timeout <time>", `client timeout of a request (${TIME_UNITS})`)
        .argParser(duration)
        .default(60 * SECOND_MS, "60s"),
    )
    .option("--rounds <n>", "measurements of each variant", positiveInteger({ max: MAX_ROUNDS }), 1)
    .option("--seed <n>", "seed of the requests and of the order of variants", wholeNumber({ min: 0, max: MAX_SEED }), 1)
    .addOption(
      new Option("--pool-wait <time>", `how long a request waits for a connection before the service answers 503 (${TIME_UNITS})`)
        .argParser(duration)
        .default(DEFAULT_OPTIONS.poolWaitMs, "1s"),
    )
    .option("--out <folder>", "folder for the results", folder)
    .option("--title <text>", "title of the page and the chart; bench records it", title)
    .option("--json", "print only the summary as JSON to standard output; the table goes to standard error")
    .option("-y, --yes", "do not ask before creating data on a server that bench does not manage");
  addDatasetOptions(addDatabaseOptions(addServiceOptions(addDisturbanceOptions(command))));
  const dormant = command.options.find((option) => option.attributeName() === "dormantUsers");
  if (dormant !== undefined) dormant.description += ` (default: ${DORMANT_USERS} times the scale)`;
  dormant?.default(undefined);
  command.setOptionValue("dormantUsers", undefined);
  command.addHelpText("after", EXAMPLES).action((options: ApiRunOptions) => apiRun(command, context, options));
};
