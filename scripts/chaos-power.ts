/**
 * `npm run chaos:power`: runs the service with one deliberate fault at a time under each fault of `bench chaos`, and writes how many
 * trials found it. The same folder continues. Exit code 3: a deliberate fault was not found, or its trials could not run.
 */
import { Command, CommanderError } from "commander";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FAULTS, type Fault as Mutant } from "../api/faults.ts";
import { listFaults } from "../harness/chaos/faults/registry.ts";
import type { Fault } from "../harness/chaos/fault.ts";
import { CHAOS_INSTANCE } from "../harness/chaos/ground.ts";
import { MAX_CLUSTERS, requireServers } from "../harness/chaos/limits.ts";
import { isExpected, NOT_EXPECTED } from "../harness/chaos/power/expected.ts";
import { readPower } from "../harness/chaos/power/records.ts";
import { powerCsv, powerMarkdown, summarisePower } from "../harness/chaos/power/report.ts";
import { runPower } from "../harness/chaos/power/run.ts";
import { addDatabaseOptions } from "../harness/commands/options.ts";
import { list, positiveInteger } from "../harness/commands/values.ts";
import { parseDatabaseSelector, type DatabaseOptions } from "../harness/database/index.ts";
import { interruptible } from "../harness/run/interrupt.ts";
import { BenchError, EXIT } from "../lib/errors.ts";
import { createLog } from "../lib/log.ts";

const isMutant = (id: string): id is Mutant => !NOT_EXPECTED.includes(id);

interface Options extends DatabaseOptions {
  mutants?: string[];
  faults?: string[];
  expected?: boolean;
  trials: number;
  clusters: number;
  out: string;
}

const chosen = <Item>(all: readonly Item[], ids: readonly string[] | undefined, idOf: (item: Item) => string): Item[] =>
  ids === undefined
    ? [...all]
    : ids.map((id) => {
        const found = all.find((item) => idOf(item) === id);
        if (found === undefined) throw new BenchError("UNKNOWN_NAME", `"${id}" is no fault`, "read docs/chaos.md for the names");
        return found;
      });

async function prove(options: Options): Promise<void> {
  const { trials, clusters, out: folder } = options;
  const mutants = chosen(Object.keys(FAULTS).filter(isMutant), options.mutants, (id) => id);
  const faults = chosen(await listFaults(), options.faults, ({ id }) => id);
  const database = parseDatabaseSelector(options);
  requireServers(database, clusters);
  await mkdir(folder, { recursive: true });
  const isWanted = (mutant: Mutant, { id }: Fault): boolean => options.expected !== true || isExpected(mutant, id);
  const request = {
    mutants,
    faults,
    isWanted,
    trials,
    clusters,
    seed: 1,
    folder,
    database,
    instance: CHAOS_INSTANCE,
    partitioning: "modulo",
    yes: true,
  };
  try {
    await interruptible((signal) => runPower(request, createLog("verbose"), signal));
  } finally {
    const { starts, trials: records } = (await readPower(folder)) ?? { starts: [], trials: [] };
    const wanted = mutants.filter((mutant) => faults.some((fault) => isWanted(mutant, fault)));
    const page = powerMarkdown(records, wanted, starts);
    await writeFile(join(folder, "power.md"), page);
    await writeFile(join(folder, "power.csv"), powerCsv(records, wanted));
    process.stdout.write(page);
    if (summarisePower(records, wanted).some(({ foundBy }) => foundBy.length === 0)) process.exitCode = EXIT.gateFailed;
  }
}

const program = new Command("chaos-power")
  .description("Runs a service with deliberate faults under the faults of bench chaos, and counts the finds.")
  .option("--mutants <ids>", "deliberate faults of the service, comma separated (default: all)", list({ names: async () => [] }))
  .option("--faults <ids>", "faults of the trials, comma separated (default: all)", list({ names: async () => [] }))
  .option("--expected", "only the pairs of which each must find the deliberate fault")
  .option("--trials <n>", "trials of each pair", positiveInteger({ max: 1_000 }), 1)
  .option("--clusters <n>", "clusters that run trials at the same time", positiveInteger({ max: MAX_CLUSTERS }), 1)
  .option("--out <folder>", "where the records are, or go", "results/power")
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
