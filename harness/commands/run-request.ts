/** Turns the arguments of `bench run` into a run request and checks all of them before bench connects to a server. */
import { BenchError } from "../../lib/errors.ts";
import type { Isolation } from "../../orms/orm.ts";
import { DEFAULT_CHUNK_USERS, type Durability, type Track } from "../plan/cell.ts";
import type { PlannedCell } from "../plan/planned-cell.ts";
import { parseDatabaseSelector, type DatabaseOptions } from "../database/index.ts";
import { defaultFolder, newRunId, prepareFolder } from "../run/output-folder.ts";
import { parseOrmName } from "../packages/orm-name.ts";
import { groupsOfSuite, planCells } from "../plan/cells.ts";
import { findPlugIn, isPath, listPlugIns, unknownName } from "../registry.ts";
import { readInterruptedRun } from "../run/resume.ts";
import type { RunRequest } from "../run/runner.ts";
import type { CellGroup, Timeline } from "../suites/suite.ts";
import { datasetParameters, type DatasetOptions } from "./options.ts";
import { requireWorkers, workerAxes, type WorkerOptions } from "./worker-options.ts";

export const DEFAULT_ROUNDS = 3;

/** Options that select cells; all verbs that measure cells have them. */
export interface CellOptions extends WorkerOptions {
  suite?: string;
  orm?: string[];
  key?: string[];
  chunk?: number[];
  isolation?: Isolation[];
  track?: Track[];
  durability?: (Durability | "default")[];
  prefill?: string[];
  addRtt?: number[];
  rounds?: number;
  cellLimit?: number;
}

export interface RunCommandOptions extends CellOptions, DatasetOptions, DatabaseOptions {
  orderSeed: number;
  bufferPool?: number;
  once?: string[];
  baseline?: string;
  out?: string;
  title?: string;
  format: string[];
  json?: boolean;
  dryRun?: boolean;
  yes?: boolean;
  resume?: string;
  timeLimit?: number;
}

interface RequestedGroups {
  readonly groups: CellGroup[];
  /** null: neither the options nor a suite set it */
  readonly rounds: number | null;
  readonly suite: string | null;
  readonly timeline: Timeline | null;
  /** of the suite; null: the usual size of the server */
  readonly bufferPoolBytes: number | null;
}

/** The axes that the command line sets. */
type RequestedAxes = Partial<
  Pick<
    CellGroup,
    | "orms"
    | "keys"
    | "chunkUsers"
    | "workers"
    | "isolations"
    | "tracks"
    | "durabilities"
    | "prefills"
    | "parallels"
    | "splits"
    | "addedRttsMs"
    | "cellLimitMs"
  >
>;

function requestedAxes(options: CellOptions): RequestedAxes {
  const { orm, key, chunk, isolation, track, durability, prefill, addRtt, cellLimit } = options;
  return {
    ...workerAxes(options),
    ...(orm && { orms: orm }),
    ...(key && { keys: key }),
    ...(chunk && { chunkUsers: chunk }),
    ...(isolation && { isolations: isolation }),
    ...(track && { tracks: track }),
    ...(durability && { durabilities: durability.map((value) => (value === "default" ? null : value)) }),
    ...(prefill && { prefills: prefill }),
    ...(addRtt && { addedRttsMs: addRtt }),
    ...(cellLimit !== undefined && { cellLimitMs: cellLimit }),
  };
}

/**
 * The groups of cells that a command line selects, by suite or by strategies.
 * @throws BenchError BAD_OPTION, UNKNOWN_NAME, PLUGIN_INVALID
 */
export async function requestedGroups(names: readonly string[], options: CellOptions): Promise<RequestedGroups> {
  const { suite: suiteName, rounds } = options;
  const requested = requestedAxes(options);
  if (suiteName === undefined) {
    if (names.length === 0)
      throw new BenchError(
        "BAD_OPTION",
        "nothing to run: no strategy and no suite",
        "use `bench run --suite quick`, or name strategies (see `bench list`)",
      );
    return {
      groups: await groupsOf(names, requested),
      rounds: rounds ?? null,
      suite: null,
      timeline: null,
      bufferPoolBytes: null,
    };
  }
  if (names.length > 0)
    throw new BenchError(
      "BAD_OPTION",
      `--suite ${suiteName} excludes strategies (${names.join(", ")})`,
      "pass either a suite or strategies",
    );
  const { value: suite } = await findPlugIn("suite", suiteName);
  // --orm adds a user's library to groups that compare libraries; other names only reduce a group's libraries
  const ownLibraries = (group: CellGroup): string[] =>
    group.orms.length > 1 ? (requested.orms ?? []).filter((text) => isPath(parseOrmName(text).name)) : [];
  // a misspelled name beside a right one selected nothing, and no message named it
  for (const text of requested.orms ?? []) {
    const { name } = parseOrmName(text);
    if (!isPath(name)) await findPlugIn("orm", name);
  }
  // an axis on the command line replaces the suite's axis
  const groups = (await groupsOfSuite(suite)).map((group) => ({
    ...group,
    ...requested,
    orms:
      requested.orms === undefined
        ? group.orms
        : [...requested.orms.filter((text) => group.orms.includes(parseOrmName(text).name)), ...ownLibraries(group)],
  }));
  return {
    groups,
    rounds: rounds ?? suite.rounds,
    suite: suite.id,
    timeline: suite.timeline ?? null,
    bufferPoolBytes: suite.bufferPoolBytes ?? null,
  };
}

/** One group of cells per strategy or preset. */
async function groupsOf(names: readonly string[], requested: RequestedAxes): Promise<CellGroup[]> {
  const presets = (await listPlugIns("preset")).map(({ value }) => value);
  const strategyIds = (await listPlugIns("strategy")).map(({ value }) => value.id);
  const defaults = {
    orms: (await listPlugIns("orm")).map(({ value }) => value.id),
    keys: ["identity"],
    chunkUsers: [DEFAULT_CHUNK_USERS],
  };
  return names.map((name) => {
    const preset = presets.find(({ id }) => id === name);
    if (preset === undefined) {
      if (!strategyIds.includes(name) && !isPath(name))
        throw unknownName("strategy or preset", name, [...strategyIds, ...presets.map(({ id }) => id)]);
      return { ...defaults, ...requested, strategies: [name] };
    }
    const { key, workers } = preset.axes;
    const clash =
      key !== undefined && requested.keys ? "--key" : workers !== undefined && requested.workers ? "--workers" : undefined;
    if (clash !== undefined)
      throw new BenchError(
        "BAD_OPTION",
        `the preset ${name} excludes ${clash}: the preset sets that axis`,
        `remove ${clash}, or run the strategy: bench run ${preset.strategy} ${clash} ...`,
      );
    return {
      ...defaults,
      ...requested,
      strategies: [preset.strategy],
      ...(key !== undefined && { keys: [key] }),
      ...(workers !== undefined && { workers: [workers] }),
    };
  });
}

/** @throws BenchError UNKNOWN_NAME if no cell of the plan uses the ORM */
function requireBaseline(name: string | undefined, cells: readonly PlannedCell[]): string | null {
  if (name === undefined) return null;
  const orms = [...new Set(cells.map(({ cell }) => cell.orm))];
  const byPath = cells.find(({ paths }) => paths.orm === name)?.cell.orm;
  const found = byPath ?? orms.find((orm) => orm === name);
  if (found === undefined) throw unknownName("ORM of this run", name, orms);
  return found;
}

/**
 * Gives the techniques of `--once` one sample per cell, in the first round.
 * @throws BenchError UNKNOWN_NAME if no cell of the plan has the technique
 */
function limitedTo(once: readonly string[], cells: readonly PlannedCell[]): readonly PlannedCell[] {
  const isNamed = ({ cell, paths }: PlannedCell, name: string): boolean => cell.strategy === name || paths.strategy === name;
  const missing = once.find((name) => !cells.some((planned) => isNamed(planned, name)));
  if (missing !== undefined)
    throw unknownName("technique of this run", missing, [...new Set(cells.map(({ cell }) => cell.strategy))]);
  return cells.map((planned) => (once.some((name) => isNamed(planned, name)) ? { ...planned, maxRounds: 1 } : planned));
}

/** A new run. Its folder is created last, so that a wrong argument leaves no folder behind. */
export async function newRun(names: readonly string[], options: RunCommandOptions): Promise<RunRequest> {
  const database = parseDatabaseSelector(options);
  const dataset = datasetParameters(options);
  if (options.bufferPool !== undefined && database.kind === "url")
    throw new BenchError(
      "BAD_OPTION",
      "--buffer-pool excludes --db mysql://...: bench changes no setting of a server that it does not manage",
      "remove --buffer-pool, and set innodb_buffer_pool_size on that server; or use --db embedded",
    );
  const { groups, rounds, suite, timeline, bufferPoolBytes } = await requestedGroups(names, options);
  const cells = limitedTo(options.once ?? [], await planCells(groups));
  requireWorkers(options, cells);
  const baseline = requireBaseline(options.baseline, cells);
  const startedAt = new Date();
  const runId = newRunId(startedAt, suite ?? [...new Set(cells.map(({ cell }) => cell.strategy))].slice(0, 3).join("-"));
  const folder = options.out ?? defaultFolder(runId, startedAt);
  if (options.dryRun !== true) await prepareFolder(folder);
  return {
    cells,
    rounds: rounds ?? DEFAULT_ROUNDS,
    suite,
    timeline,
    title: options.title ?? null,
    baseline,
    bufferPoolBytes: options.bufferPool ?? bufferPoolBytes,
    dataset,
    runId,
    startedAt,
    folder,
    orderSeed: options.orderSeed,
    database,
    continued: null,
  };
}

/** The remaining samples of an interrupted run; its records contain the plan. */
export async function resumedRun(folder: string, names: readonly string[], options: RunCommandOptions): Promise<RunRequest> {
  const database = parseDatabaseSelector(options);
  const stranger = names.find((name) => !isPath(name)) ?? options.orm?.find((name) => !isPath(name));
  if (stranger !== undefined)
    throw new BenchError(
      "BAD_OPTION",
      `--resume excludes ${stranger}: the records contain the plan`,
      `remove ${stranger}; name only the paths of your plug-ins again`,
    );
  const { results, cells } = await readInterruptedRun(folder, { strategies: names, orms: options.orm ?? [] });
  const { run } = results;
  const { contentHash: _hash, generatorVersion: _version, ...dataset } = run.dataset;
  return {
    cells,
    rounds: run.rounds,
    suite: run.suite,
    timeline: run.timeline,
    title: run.title,
    baseline: run.baseline,
    bufferPoolBytes: run.bufferPoolBytes,
    dataset,
    runId: run.runId,
    startedAt: new Date(run.startedAt),
    folder,
    orderSeed: run.orderSeed,
    database,
    continued: results,
  };
}
