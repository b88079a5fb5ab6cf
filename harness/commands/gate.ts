/** `bench gate`: measures base and candidate interleaved in one run, and returns an exit code for a build. */
import type { Command } from "commander";
import { randomInt } from "node:crypto";
import { BenchError } from "../../lib/errors.ts";
import { confirmPending } from "../run/remote-consent.ts";
import { fewestPairs } from "../statistics/signed-rank.ts";
import { parseAxes } from "../plan/axes.ts";
import { parseDatabaseSelector } from "../database/index.ts";
import { openBaseTree, parseBase, type BaseTree } from "../gate/base.ts";
import { planAxes, planTrees, type GatePlan } from "../gate/plan.ts";
import { gateFiles, gateJson, gateText } from "../gate/report.ts";
import { parseRequirements, REQUIREMENT_UNITS } from "../gate/requirements.ts";
import { evaluateGate, type GateVerdict } from "../gate/verdict.ts";
import { interruptible } from "../run/interrupt.ts";
import { defaultFolder, newRunId, prepareFolder, startAgain } from "../run/output-folder.ts";
import { planCells } from "../plan/cells.ts";
import { writeFiles } from "../reporters/parts/output.ts";
import { findReporters, publish } from "../reporters/parts/publish.ts";
import { executeRun, type RunRequest } from "../run/runner.ts";
import type { CellGroup } from "../suites/suite.ts";
import { hasColour } from "../../lib/log.ts";
import { terminalColumnsOf } from "../text/layout.ts";
import { logFor, type CommandContext, type RegisterCommand } from "./context.ts";
import {
  addDatabaseOptions,
  addDatasetOptions,
  addVerdictOptions,
  axes,
  datasetParameters,
  formats,
  verdictOptions,
  withPassword,
  type VerdictPercents,
} from "./options.ts";
import { announcement, describePlan, planAsJson } from "./dry-run.ts";
import { addCellOptions, MAX_ROUNDS, MAX_SEED } from "./run.ts";
import { requestedGroups, DEFAULT_ROUNDS, type RunCommandOptions } from "./run-request.ts";
import { folder, positiveInteger, text, wholeNumber } from "./values.ts";

/** 15 pairs find a slowdown of 10 % in 94 of 100 cases at 3 % noise; 10 pairs find it in 78. */
const DEFAULT_PAIRS = 15;

const EXAMPLES = `
Examples:
  bench gate chunked --orm prisma --base main                        is this branch slower than main?
  bench gate --suite ci --base ../checkout-of-the-release            another checkout, with its own packages
  bench gate chunked --base orm=prisma@7.9.1 --candidate orm=prisma@7.10.0   does this upgrade slow our batch?
  bench gate ./our-batch.ts --orm drizzle --base main --require 'wall<600s,rss<512MB'
  bench gate chunked --orm drizzle --require 'statements<=1300'      only conditions, without a base

Each round measures both sides in random order on one server. A candidate is slower if an exact paired test rejects at --alpha
(for all comparisons together) and the slowdown is at least --delta. A candidate with more statements per row fails too: bench
counts statements, so their number has no noise.
Exit code 0 passed, 3 failed, 1 a sample failed, 2 bad input.`;

interface GateCommandOptions extends Omit<RunCommandOptions, "orderSeed">, VerdictPercents {
  orderSeed?: number;
  base?: string;
  candidate?: string;
  require?: string;
  failOnInconclusive?: boolean;
  allowMoreStatements?: boolean;
}

export const register: RegisterCommand = (program, context) => {
  const command = addVerdictOptions(
    addCellOptions(program.command("gate").description("Fails if a candidate is slower than its base or violates a condition.")),
  )
    .option(
      "--base <what>",
      "what to compare with: a git ref, the folder of a checkout, or axis=value (orm=prisma@7.9.1)",
      axes({ paths: "folders" }),
    )
    .option(
      "--candidate <axis=value>",
      "candidate for a base of the form axis=value (otherwise the candidate is this tree)",
      axes(),
    )
    .option(
      "--require <conditions>",
      `conditions for each candidate, comma separated: wall<600s, cpu<60s, rss<512MB, statements<=1000, retries<1 (${REQUIREMENT_UNITS})`,
      text(),
    )
    .option(
      "--rounds <n>",
      `pairs to measure (default: ${DEFAULT_PAIRS}; without a base ${DEFAULT_ROUNDS})`,
      positiveInteger({ max: MAX_ROUNDS }),
    )
    .option("--fail-on-inconclusive", "also fail if a comparison is inconclusive")
    .option("--allow-more-statements", "do not fail if a candidate sends more statements per row; only report it")
    .option(
      "--order-seed <n>",
      "seed for the order of cells in each round (default: random for each gate, and recorded)",
      wholeNumber({ min: 0, max: MAX_SEED }),
    )
    .option("--out <folder>", "folder for the results", folder)
    .option("--format <ids>", "additional files, comma separated", formats, ["csv", "md"])
    .option("--json", "print only the verdict as JSON to standard output; the table goes to standard error")
    .option("-y, --yes", "do not ask before creating data on a server that bench does not manage, or before a long run there")
    .option("--dry-run", "print the plan, the data and an estimate of the time, and connect to nothing");
  addDatasetOptions(addDatabaseOptions(command))
    .addHelpText("after", EXAMPLES)
    .action((names: string[], options: GateCommandOptions) => gate(command, context, names, options));
};

/** Keeps only the last name of a path: results are published and must not contain a machine's paths. */
const withoutFolders = (text: string): string => text.replaceAll(/\/?(?:[\w.@+-]+\/)+/g, "");

interface Prepared {
  readonly request: RunRequest;
  readonly plan: GatePlan;
}

/** The option of an axis, where its name differs from the axis. */
const OPTION_OF_AXIS: Readonly<Record<string, string>> = { rtt: "add-rtt", version: "orm" };

/** An axis in --base and --candidate replaces the option of that axis: `--orm` beside `orm=` was ignored in silence. */
function refuseReplacedOptions(command: Command, axes: readonly string[]): void {
  for (const axis of axes) {
    const long = `--${OPTION_OF_AXIS[axis] ?? axis}`;
    const option = command.options.find((known) => known.long === long);
    if (option !== undefined && command.getOptionValueSource(option.attributeName()) === "cli")
      throw new BenchError(
        "BAD_OPTION",
        `both ${long} and ${axis}= in --base or --candidate name the ${axis}`,
        `leave ${long} out; --base and --candidate say what is measured`,
      );
  }
}

/** Checks all arguments, before bench connects to a server. */
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
    throw new BenchError(
      "BAD_OPTION",
      "the gate has nothing to check: no base and no condition",
      "add --base, --require or both",
    );
  if ((base?.kind === "axes") !== (candidate !== null))
    throw new BenchError(
      "BAD_OPTION",
      candidate === null ? `--base ${options.base} needs --candidate` : "--candidate needs a --base of the form axis=value",
      "pass both, for example --base orm=prisma@7.9.1 --candidate orm=prisma@7.10.0",
    );
  if (base?.kind === "axes") refuseReplacedOptions(command, [...base.axes.keys(), ...(candidate?.keys() ?? [])]);
  const database = parseDatabaseSelector(options);
  const dataset = datasetParameters(options);
  const strategyOfBase = base?.kind === "axes" ? base.axes.get("strategy") : undefined;
  const named = names.length === 0 && options.suite === undefined && strategyOfBase !== undefined ? [strategyOfBase] : names;
  const { groups: requested, rounds, suite, timeline } = await requestedGroups(named, options);
  // the single sample of a long cell proves no difference
  const groups = requested.map(({ maxRounds: _max, ...group }): CellGroup => group);
  let tree: BaseTree | null = null;
  let plan: GatePlan;
  if (base === null) plan = { cells: await planCells(groups), cellPairs: [], remarks: [] };
  else if (base.kind === "axes") plan = await planAxes(groups, base.axes, candidate ?? new Map());
  else {
    // report errors of this tree before the installation of the base tree, which can take minutes
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
      // a suite's rounds are too few for a verdict
      rounds: options.rounds ?? Math.max(defaultRounds, rounds ?? 0),
      suite,
      timeline,
      dataset,
      runId,
      startedAt,
      folder,
      // the error rate of the verdict assumes a random order; one order for all builds would favour the same side each time
      orderSeed: options.orderSeed ?? randomInt(MAX_SEED),
      database,
      continued: null,
      gate: {
        base: tree?.label ?? (options.base === undefined ? null : withoutFolders(options.base)),
        candidate: options.candidate === undefined ? "this tree" : withoutFolders(options.candidate),
        baseCommit: tree?.commit ?? null,
        cellPairs: [...plan.cellPairs],
        ...verdictOptions(options),
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
      for (const remark of plan.remarks) log.warn(`${remark}: bench measures the cell but compares it with nothing`);
      if (options.dryRun === true) {
        context.print(json ? planAsJson(request) : describePlan(request));
        return;
      }
      const needed = fewestPairs(Math.max(1, plan.cellPairs.length), verdictOptions(options).alpha);
      if (plan.cellPairs.length > 0 && request.rounds < needed)
        log.warn(
          `${request.rounds} rounds cannot prove a slowdown: ${plan.cellPairs.length} comparisons need at least ${needed}. The gate still checks statements and conditions`,
        );
      const announced = announcement(request);
      if (announced !== null) log.info(announced);
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
      const stream = json ? process.stderr : process.stdout;
      const text = gateText(results, verdict, hasColour(stream), terminalColumnsOf(stream));
      if (json) log.info(text);
      else context.print(`\n${text}`);
      conclude(verdict);
    },
    () => `bench cannot continue a gate, because its rounds must run in one session: ${startAgain(options.out)}`,
  );
}

/** @throws BenchError CELL_FAILED, GATE_FAILED */
function conclude({ outcome, failures, undecided }: GateVerdict): void {
  if (outcome === "broken")
    throw new BenchError(
      "CELL_FAILED",
      `no verdict: ${failures.length} samples failed`,
      "read the reasons above or in records.jsonl",
    );
  if (outcome !== "failed") return;
  const [first = undecided[0] ?? "", ...others] = failures;
  throw new BenchError(
    "GATE_FAILED",
    others.length === 0 ? first : `${first}, and ${others.length} more`,
    "read gate.md in the results; `bench trace` prints one user's statements",
  );
}
