/** `bench chaos`: runs a batch on several instances under real faults, and checks every effect and every answer. */
import type { Command } from "commander";
import { partitioningIds } from "../../api/cluster/partitionings/registry.ts";
import { DEFAULT_OPTIONS } from "../../api/options.ts";
import { SERVICE_PACKAGES } from "../../api/packages.ts";
import { BenchError } from "../../lib/errors.ts";
import { listFaults } from "../chaos/faults/registry.ts";
import type { Fault } from "../chaos/fault.ts";
import { MAX_CLUSTERS, requireServers } from "../chaos/limits.ts";
import { planTrials } from "../chaos/plan.ts";
import { requireNoTrials, resumableTrials } from "../chaos/resume.ts";
import { requireHeld } from "../chaos/verdict.ts";
import { parseDatabaseSelector, type DatabaseOptions } from "../database/index.ts";
import { requirePackages } from "../packages/installed.ts";
import { unknownName } from "../registry.ts";
import { interruptible } from "../run/interrupt.ts";
import { defaultFolder, makeOutputFolder, newRunId } from "../run/output-folder.ts";
import { logFor, type CommandContext, type RegisterCommand } from "./context.ts";
import { addDatabaseOptions, withPassword } from "./options.ts";
import { checkPartitioning } from "./service-start.ts";
import { folder, list, positiveInteger, text, wholeNumber } from "./values.ts";

const DEFAULT_TRIALS = 30;
const MAX_TRIALS = 10_000;
const MAX_SEED = 2 ** 32 - 1;

const EXAMPLES = `
Examples:
  bench chaos                                          30 trials of each fault
  bench chaos --faults kill-in-transaction,commit-lost --trials 5
  bench chaos --out results/chaos --trials 300         run it again with the same folder to continue
  bench chaos --trials 300 --clusters 6                six clusters at the same time, each with a server
  bench chaos --replay kill-in-transaction:3           one trial, with its course

Each trial resets 300 users, starts a batch on three instances behind nginx beside live requests, and applies one fault in the middle.
A proxy before each instance holds or cuts its statements, so that a trial reaches the chosen point. Triggers of the database write each
effect into a log that the service cannot change. bench uses a separate MySQL server (instance "chaos") and a separate schema,
<schema>_chaos. A fault that restarts the server is skipped for a server given by --db URL. Exit code 1 if an invariant was violated or
both attempts of a trial failed.`;

interface ChaosOptions extends DatabaseOptions {
  faults?: string[];
  trials: number;
  clusters: number;
  seed: number;
  replay?: string;
  partitioning: string;
  out?: string;
  json?: boolean;
  yes?: boolean;
}

const trialNames = async (): Promise<string[]> => (await faultIds()).map((id) => `${id}:1`);
const faultIds = async (): Promise<string[]> => (await listFaults()).map(({ id }) => id);

/** @throws BenchError UNKNOWN_NAME */
async function chosenFaults(ids: readonly string[] | undefined): Promise<Fault[]> {
  const all = await listFaults();
  if (ids === undefined) return all;
  return [...new Set(ids)].map((id) => {
    const found = all.find((fault) => fault.id === id);
    if (found === undefined)
      throw unknownName(
        "fault",
        id,
        all.map((fault) => fault.id),
      );
    return found;
  });
}

/** `kill-in-transaction:3`. @throws BenchError BAD_OPTION, UNKNOWN_NAME */
async function replayed(given: string, { faults }: ChaosOptions): Promise<{ fault: Fault; trial: number }> {
  const [, id = "", digits = ""] = /^([\w-]+):([1-9]\d{0,4})$/.exec(given) ?? [];
  if (id === "")
    throw new BenchError("BAD_OPTION", `"${given}" names no trial`, "write a fault and a number: --replay kill-in-transaction:3");
  if (faults !== undefined)
    throw new BenchError("BAD_OPTION", "--replay names a fault, and --faults names others", "remove --faults");
  const [fault] = await chosenFaults([id]);
  if (fault === undefined) throw unknownName("fault", id, await faultIds());
  return { fault, trial: Number(digits) };
}

async function chaos(command: Command, context: CommandContext, options: ChaosOptions): Promise<void> {
  const log = logFor(command);
  await checkPartitioning(options.partitioning);
  const replay = options.replay === undefined ? null : await replayed(options.replay, options);
  const faults = await chosenFaults(options.faults);
  requirePackages(SERVICE_PACKAGES, import.meta.url, "bench chaos");
  const startedAt = new Date();
  const out = options.out ?? defaultFolder(newRunId(startedAt, "chaos"), startedAt);
  const selector = parseDatabaseSelector(options);
  requireServers(selector, options.clusters);
  await makeOutputFolder(out);
  const { seed, partitioning } = options;
  // A lazy import keeps the start of the other verbs short.
  const [{ CHAOS_INSTANCE }, { runChaos }, { publishChaos, publishRecorded }] = await Promise.all([
    import("../chaos/ground.ts"),
    import("../chaos/runner.ts"),
    import("../chaos/report/publish.ts"),
  ]);
  const output = { print: context.print, log, json: options.json === true };
  const planned = replay === null ? planTrials(faults, options.trials) : [replay];
  if (replay !== null) await requireNoTrials(out);
  const { trials, isContinued } =
    replay === null ? await resumableTrials(out, planned, { seed, partitioning }) : { trials: planned, isContinued: false };
  const database = await withPassword(selector);
  await interruptible(
    async (signal) => {
      const request = {
        trials,
        clusters: Math.min(options.clusters, trials.length),
        seed,
        partitioning,
        database,
        instance: CHAOS_INSTANCE,
        folder: out,
        isContinued,
        isReplay: replay !== null,
        yes: options.yes === true,
      };
      const results = await runChaos(request, log, signal).catch(async (error: unknown) => {
        await publishRecorded(out, output);
        throw error;
      });
      await publishChaos(results, out, output);
      if (!signal.aborted) requireHeld(results);
    },
    () => `bench saved the finished trials; run the same command with --out ${out} to continue`,
  );
}

export const register: RegisterCommand = (program, context) => {
  const command = program
    .command("chaos")
    .description("Runs batches on several instances under faults, and checks every effect and every answer.")
    .option("--faults <ids>", "faults to apply, comma separated (default: all)", list({ names: faultIds }))
    .option("--trials <n>", "trials of each fault", positiveInteger({ max: MAX_TRIALS }), DEFAULT_TRIALS)
    .option("--clusters <n>", "clusters that run trials at the same time", positiveInteger({ max: MAX_CLUSTERS }), 1)
    .option("--seed <n>", "seed of the requests, of the chosen instances and moments", wholeNumber({ min: 0, max: MAX_SEED }), 1)
    .option("--replay <fault:trial>", "run one trial with its seed, and print its course", text({ names: trialNames }))
    .option(
      "--partitioning <id>",
      "how the instances divide the users of a batch",
      text({ names: partitioningIds }),
      DEFAULT_OPTIONS.partitioning,
    )
    .option("--out <folder>", "folder for the results; a folder with trials of the same seed is continued", folder)
    .option("--json", "print only the summary as JSON to standard output; the table goes to standard error")
    .option("-y, --yes", "do not ask before creating data on a server that bench does not manage");
  addDatabaseOptions(command);
  command.addHelpText("after", EXAMPLES).action((options: ChaosOptions) => chaos(command, context, options));
};
