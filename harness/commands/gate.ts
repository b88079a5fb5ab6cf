/** `bench gate`: base and candidate interleaved in one run, and an exit code that a build can rely on. */
import { Option, type Command } from "commander";
import { randomInt } from "node:crypto";
import { BenchError } from "../../lib/errors.ts";
import { confirmPending } from "../run/remote-consent.ts";
import { DEFAULT_VERDICT, fewestPairs } from "../statistics/signed-rank.ts";
import { parseAxes } from "../plan/axes.ts";
import { parseDatabaseSelector } from "../database/index.ts";
import { openBaseTree, parseBase, type BaseTree } from "../gate/base.ts";
import { planAxes, planTrees, type GatePlan } from "../gate/plan.ts";
import { gateFiles, gateJson, gateText } from "../gate/report.ts";
import { parseRequirements } from "../gate/requirements.ts";
import { evaluateGate, type GateVerdict } from "../gate/verdict.ts";
import { interruptible } from "../run/interrupt.ts";
import { defaultFolder, newRunId, prepareFolder, startAgain } from "../run/output-folder.ts";
import { planCells } from "../plan/cells.ts";
import { findReporters, publish, writeFiles } from "../reporters/parts/publish.ts";
import { executeRun, type RunRequest } from "../run/runner.ts";
import { hasColour } from "../../lib/log.ts";
import { logFor, type CommandContext, type RegisterCommand } from "./context.ts";
import { addDatabaseOptions, addDatasetOptions, axes, datasetParameters, formats, withPassword } from "./options.ts";
import { addCellOptions, describePlan, MAX_ROUNDS, MAX_SEED, planAsJson } from "./run.ts";
import { askedGroups, DEFAULT_ROUNDS, type RunCommandOptions } from "./run-request.ts";
import { folder, percent, positiveInteger, text, wholeNumber } from "./values.ts";

/** Finds a slow-down of 10 % in 94 of 100 cases at 3 % noise; 10 rounds do in 78. */
const DEFAULT_PAIRS = 15;
const MAX_THRESHOLD_PERCENT = 1_000;
const MAX_ALPHA_PERCENT = 50;
const PERCENT = 100;

const EXAMPLES = `
Examples:
  bench gate chunked --orm prisma --base main                        is this branch slower than main?
  bench gate --suite ci --base ../checkout-of-the-release            another checkout, with its own packages
  bench gate chunked --base orm=prisma@7.9.1 --candidate orm=prisma@7.10.0   does this upgrade slow our batch?
  bench gate ./our-batch.ts --orm drizzle --base main --require 'wall<600s,rss<512MB'
  bench gate chunked --orm drizzle --require 'statements<=1300'      conditions alone, without a base

Both sides are measured in each round, in a random order, on one server. Slower means: an exact paired test at --alpha
(for all comparisons together) and at least --delta. More statements per row fail too: they are counted, not measured.
Exit code 0 passed, 3 failed, 1 something could not be measured, 2 bad input.`;

interface GateCommandOptions extends Omit<RunCommandOptions, "orderSeed"> {
  orderSeed?: number;
  base?: string;
  candidate?: string;
  delta: number;
  alpha: number;
  require?: string;
  failOnInconclusive?: boolean;
  allowMoreStatements?: boolean;
}

export const register: RegisterCommand = (program, context) => {
  const command = addCellOptions(
    program.command("gate").description("Fails if a candidate is slower than its base, or misses a condition."),
  )
    .option("--base <what>", "a git ref, the folder of a checkout, or axis=value: orm=prisma@7.9.1", axes({ paths: "folders" }))
    .option("--candidate <axis=value>", "with a base of the same kind; otherwise it is this tree", axes())
    .option(
      "--require <conditions>",
      "of each candidate, comma separated: wall<600s, cpu<60s, rss<512MB, statements<=1000, retries<1",
      text(),
    )
    .option(
      "--rounds <n>",
      `pairs to measure (default: ${DEFAULT_PAIRS}; without a base ${DEFAULT_ROUNDS})`,
      positiveInteger({ max: MAX_ROUNDS }),
    )
    .addOption(
      new Option("--delta <percent>", "the smallest slow-down that counts")
        .argParser(percent({ max: MAX_THRESHOLD_PERCENT }))
        .default(DEFAULT_VERDICT.threshold * PERCENT),
    )
    .addOption(
      new Option("--alpha <percent>", "the rate of false alarms of the whole gate")
        .argParser(percent({ max: MAX_ALPHA_PERCENT }))
        .default(DEFAULT_VERDICT.alpha * PERCENT),
    )
    .option("--fail-on-inconclusive", "fail as well where nothing can be told")
    .option("--allow-more-statements", "report more statements per row, but don't fail for them")
    .option(
      "--order-seed <n>",
      "order of the cells within each round (default: drawn for each gate, and recorded)",
      wholeNumber({ min: 0, max: MAX_SEED }),
    )
    .option("--out <folder>", "where the results go", folder)
    .option("--format <ids>", "further files: csv, md, benchstat, hyperfine, github, bencher; comma separated", formats, [
      "csv",
      "md",
    ])
    .option("--json", "on standard output the verdict as JSON and nothing else; the table goes to standard error")
    .option("-y, --yes", "don't ask before making data on a server that isn't ours, or before a long run there")
    .option("--dry-run", "show the plan, connect to nothing");
  addDatasetOptions(addDatabaseOptions(command))
    .addHelpText("after", EXAMPLES)
    .action((names: string[], options: GateCommandOptions) => gate(command, context, names, options));
};

/** Results are published: of a path its last name is enough. */
const withoutFolders = (text: string): string => text.replaceAll(/\/?(?:[\w.@+-]+\/)+/g, "");

interface Prepared {
  readonly request: RunRequest;
  readonly plan: GatePlan;
}

/** Everything that can be wrong with the arguments is found here, before anything connects. */
async function prepare(
  names: readonly string[],
  options: GateCommandOptions,
  command: Command,
  signal: AbortSignal,
): Promise<Prepared> {
  const conditions = options.require === undefined ? [] : parseRequirements(options.require).map(({ text }) => text);
  const base = options.base === undefined ? null : await parseBase(options.base);
  const candidate = options.candidate === undefined ? null : parseAxes(options.candidate);
  if (base === null && conditions.length === 0)
    throw new BenchError("BAD_OPTION", "nothing to compare with and no condition", "give --base, --require or both");
  if ((base?.kind === "axes") !== (candidate !== null))
    throw new BenchError(
      "BAD_OPTION",
      candidate === null ? `--base ${options.base} without --candidate` : "--candidate without a --base of the same kind",
      "for example --base orm=prisma@7.9.1 --candidate orm=prisma@7.10.0",
    );
  const database = parseDatabaseSelector(options);
  const dataset = datasetParameters(options);
  const strategyOfBase = base?.kind === "axes" ? base.axes.get("strategy") : undefined;
  const named = names.length === 0 && options.suite === undefined && strategyOfBase !== undefined ? [strategyOfBase] : names;
  const { groups, rounds, suite, timeline } = await askedGroups(named, options);
  let tree: BaseTree | null = null;
  let plan: GatePlan;
  if (base === null) plan = { cells: await planCells(groups), cellPairs: [], remarks: [] };
  else if (base.kind === "axes") plan = await planAxes(groups, base.axes, candidate ?? new Map());
  else {
    // what is wrong with this tree's side is said before another one is installed
    await planCells(groups);
    tree = await openBaseTree(base, { log: logFor(command), signal });
    plan = await planTrees(groups, tree);
  }
  const startedAt = new Date();
  const runId = newRunId(
    startedAt,
    `gate-${suite ?? [...new Set(plan.cells.map(({ cell }) => cell.strategy))].slice(0, 3).join("-")}`,
  );
  const folder = options.out ?? defaultFolder(runId, startedAt);
  if (options.dryRun !== true) await prepareFolder(folder);
  const defaultRounds = base === null ? DEFAULT_ROUNDS : DEFAULT_PAIRS;
  return {
    plan,
    request: {
      cells: plan.cells,
      // a suite's own rounds are for a look
      rounds: options.rounds ?? Math.max(defaultRounds, rounds ?? 0),
      suite,
      timeline,
      dataset,
      runId,
      startedAt,
      folder,
      // the verdict's error rate is that of a random order; one order for all builds would favour the same side each time
      orderSeed: options.orderSeed ?? randomInt(MAX_SEED),
      database,
      continued: null,
      gate: {
        base: tree?.label ?? (options.base === undefined ? null : withoutFolders(options.base)),
        candidate: options.candidate === undefined ? "this tree" : withoutFolders(options.candidate),
        baseCommit: tree?.commit ?? null,
        cellPairs: [...plan.cellPairs],
        threshold: options.delta / PERCENT,
        alpha: options.alpha / PERCENT,
        conditions,
        failOnInconclusive: options.failOnInconclusive === true,
        moreStatementsFail: options.allowMoreStatements !== true,
      },
    },
  };
}

async function gate(
  command: Command,
  context: CommandContext,
  names: readonly string[],
  options: GateCommandOptions,
): Promise<void> {
  const log = logFor(command);
  const reporters = await findReporters(options.format);
  const json = options.json === true;
  await interruptible(
    async (signal) => {
      const { request, plan } = await prepare(names, options, command, signal);
      for (const remark of plan.remarks) log.warn(`${remark}: measured, but compared with nothing`);
      if (options.dryRun === true) {
        context.print(json ? planAsJson(request) : describePlan(request));
        return;
      }
      const needed = fewestPairs(Math.max(1, plan.cellPairs.length), options.alpha / PERCENT);
      if (plan.cellPairs.length > 0 && request.rounds < needed)
        log.warn(
          `${request.rounds} rounds can't show that anything is slower: ${plan.cellPairs.length} comparisons need at least ${needed}; statements and conditions are judged all the same`,
        );
      const database = await withPassword(request.database, signal);
      const confirm = (pending: Parameters<typeof confirmPending>[0]): Promise<void> =>
        confirmPending(pending, { yes: options.yes === true, show: (text) => log.info(text), signal });
      const results = await executeRun({ ...request, database }, { log, signal, confirm });
      signal.throwIfAborted();
      const verdict = evaluateGate(results);
      await writeFiles(request.folder, gateFiles(results, verdict));
      await publish(results, reporters, request.folder, {
        print: json ? (text) => log.info(text) : context.print,
        log,
        json: false,
      });
      if (json) context.print(gateJson(results, verdict));
      const text = gateText(results, verdict, hasColour(json ? process.stderr : process.stdout));
      if (json) log.info(text);
      else context.print(`\n${text}`);
      conclude(verdict);
    },
    () => `a gate's rounds belong to one moment: ${startAgain(options.out)}`,
  );
}

/** @throws BenchError CELL_FAILED, GATE_FAILED */
function conclude({ outcome, failures, undecided }: GateVerdict): void {
  if (outcome === "broken")
    throw new BenchError(
      "CELL_FAILED",
      `${failures.length} samples failed: no verdict`,
      "the reasons stand above and in records.jsonl",
    );
  if (outcome !== "failed") return;
  const [first = undecided[0] ?? "", ...others] = failures;
  throw new BenchError(
    "GATE_FAILED",
    others.length === 0 ? first : `${first}, and ${others.length} more`,
    "gate.md in the results has all of it; bench trace shows one user's statements",
  );
}
