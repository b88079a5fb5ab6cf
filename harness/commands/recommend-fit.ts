/** `bench recommend --fit`: measures the few cells that an answer needs, within a time limit. */
import { SMALLEST } from "../../fixtures/index.ts";
import { BenchError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { parseDatabaseSelector, type DatabaseOptions } from "../database/index.ts";
import { groupsOfSuite, planCells } from "../plan/cells.ts";
import type { PlannedCell } from "../plan/planned-cell.ts";
import { fitCellsOf, planFit, ROW_BY_ROW_LIMIT_MS, type FitCell, type FitPlan } from "../recommend/fit-plan.ts";
import type { Answer, KnownTechniques } from "../recommend/answer.ts";
import { techniqueOf } from "../recommend/candidate.ts";
import type { Question } from "../recommend/question.ts";
import { findPlugIn } from "../registry.ts";
import type { StoredRun } from "../results/find-runs.ts";
import { confirmPending } from "../run/remote-consent.ts";
import { defaultFolder, newRunId, prepareFolder } from "../run/output-folder.ts";
import type { RunRequest } from "../run/runner.ts";
import { executeWithin } from "../run/time-limit.ts";
import { count, duration } from "../text/format.ts";
import type { CellGroup } from "../suites/suite.ts";
import { DEFAULT_ORDERS, DEFAULT_USERS, withPassword } from "./options.ts";

export interface FitOptions extends DatabaseOptions {
  readonly timeLimit: number;
  readonly out?: string;
  readonly yes?: boolean;
}

/** Without stored evidence: its cells of the library. */
const FIRST_SUITE = "quick";

async function cellsOfSuite({ orm, key }: Question, { isRowByRow }: KnownTechniques): Promise<FitCell[]> {
  const { value: suite } = await findPlugIn("suite", FIRST_SUITE);
  const groups = (await groupsOfSuite(suite)).filter(({ orms }) => orms.includes(orm));
  const strategies = [...new Set(groups.flatMap((group) => group.strategies))];
  const cells = await planCells(
    (strategies.length === 0 ? suite.groups.flatMap((group) => group.strategies) : strategies).map((strategy) => ({
      strategies: [strategy],
      orms: [orm],
      keys: [key],
      chunkUsers:
        groups.find((group) => group.strategies.includes(strategy))?.chunkUsers ??
        suite.groups.flatMap((group) => group.chunkUsers).slice(0, 1),
    })),
  );
  return cells
    .filter(({ skipReason }) => skipReason === null)
    .map(({ cell }) => ({
      ...techniqueOf(cell),
      expected: null,
      isRowByRow: isRowByRow(cell.strategy),
    }));
}

/** Rows that the job writes per order, from the answer's own records. */
function ordersFor({ rows, orders }: Question, answer: Answer | null): number {
  if (orders !== null) return orders;
  const { pick, run } = answer ?? {};
  if (rows === null || pick?.rows == null || run === undefined) return DEFAULT_ORDERS;
  return Math.round((rows / pick.rows) * run.results.run.dataset.orders);
}

/**
 * A group for each cell: the cells are no combination of axes.
 * @param addedRttMs of a proxy; null for a server of the user, which has its own distance
 */
const groupOf = (
  { strategy, chunkUsers, workers, parallel, split, isRowByRow }: FitCell,
  { orm, key }: Question,
  addedRttMs: number | null,
): CellGroup => ({
  strategies: [strategy],
  orms: [orm],
  keys: [key],
  chunkUsers: chunkUsers === null ? [] : [chunkUsers],
  workers: [workers],
  parallels: [parallel],
  splits: [split],
  // row-by-row cells are compared by their statements, and would take minutes behind a proxy
  addedRttsMs: [isRowByRow ? null : addedRttMs],
  ...(isRowByRow && { cellLimitMs: ROW_BY_ROW_LIMIT_MS }),
});

export interface PreparedFit {
  readonly request: RunRequest;
  readonly plan: FitPlan;
}

/**
 * Checks everything before bench connects to a server.
 * @param answer from stored runs; null: they have no answer
 * @throws BenchError BAD_OPTION if the time limit is too short
 */
export async function prepareFit(
  question: Question,
  answer: Answer | null,
  known: KnownTechniques,
  options: FitOptions,
): Promise<PreparedFit> {
  const database = parseDatabaseSelector(options);
  const cells = answer === null ? await cellsOfSuite(question, known) : fitCellsOf(answer);
  const orders = Math.max(SMALLEST.orders, ordersFor(question, answer));
  const users = Math.max(SMALLEST.users, Math.round((orders / DEFAULT_ORDERS) * DEFAULT_USERS));
  const plan = planFit(cells, { orders, users, smallest: SMALLEST, limitMs: options.timeLimit });
  if (plan === null)
    throw new BenchError(
      "BAD_OPTION",
      `--time-limit ${duration(options.timeLimit)} is too short for ${cells.length} cells in 3 rounds`,
      "raise --time-limit, for example to 5min",
    );
  const addedRttMs = database.kind === "url" ? null : question.rttMs;
  const planned: PlannedCell[] = await planCells(plan.cells.map((cell) => groupOf(cell, question, addedRttMs)));
  const startedAt = new Date();
  const runId = newRunId(startedAt, `fit-${question.orm}`);
  const folder = options.out ?? defaultFolder(runId, startedAt);
  return {
    plan,
    request: {
      cells: planned,
      rounds: plan.rounds,
      suite: null,
      timeline: null,
      dataset: { users: plan.users, orders: plan.orders, dormantUsers: 0, dataSeed: 1 },
      runId,
      startedAt,
      folder,
      orderSeed: 1,
      database,
      continued: null,
    },
  };
}

export const fitText = ({ plan, request }: PreparedFit, limitMs: number): string =>
  [
    `Measures ${request.cells.length} cells in ${plan.rounds} rounds with ${count(plan.users)} users and ${count(plan.orders)} orders: about ${duration(plan.expectedMs)}, at most ${duration(limitMs)}.`,
    ...request.cells.map(({ cell, skipReason }) => `  ${cell.id}${skipReason === null ? "" : `  skipped: ${skipReason}`}`),
  ].join("\n");

/**
 * Measures until the plan is complete or the time limit ends it.
 * @throws BenchError NOTHING_MEASURED if the limit leaves no complete sample
 */
export async function measureFit(
  { request }: PreparedFit,
  { timeLimit, yes }: FitOptions,
  log: Log,
  signal: AbortSignal,
): Promise<StoredRun> {
  await prepareFolder(request.folder);
  const database = await withPassword(request.database, signal);
  const results = await executeWithin(
    {
      limitMs: timeLimit,
      isUseful: ({ status }) => status === "ok",
      effect: "the answer uses the finished samples",
    },
    { ...request, database },
    {
      log,
      signal,
      confirm: (pending) => confirmPending(pending, { yes: yes === true, show: (text) => log.info(text), signal }),
    },
  );
  return { folder: request.folder, results };
}
