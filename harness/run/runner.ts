/** Executes a run: opens the database, loads the data, computes the expected rows, then measures every cell once per round. */
import { join } from "node:path";
import { ensureDataset, GENERATOR_VERSION, type Dataset, type DatasetParameters } from "../../fixtures/index.ts";
import { explainDenial } from "../../lib/connection.ts";
import { BenchError, messageOf } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { namedAnswer } from "../../lib/server-errors.ts";
import { connectionPolicy, packagesUrlOf, type PlannedCell } from "../plan/planned-cell.ts";
import { findPending, type Pending } from "./remote-consent.ts";
import { openDatabase, type Database, type DatabaseSelector } from "../database/index.ts";
import { NOT_OWNED, openDurability } from "../server-state/durability-settings.ts";
import { createRunDisplay, type RunDisplay } from "../display/index.ts";
import { orAborted } from "./interrupt.ts";
import { requireData, restoreInputs } from "./inputs.ts";
import { ensureOracle, expectedRowsWritten } from "../verify/oracle.ts";
import { paidOrdersOfWindow } from "./least-work.ts";
import { preparePackages } from "../packages/install.ts";
import { orderOf } from "../plan/cells.ts";
import { roundsOfCell } from "../plan/planned-samples.ts";
import { readEnvironment } from "../probes/environment.ts";
import { loadWarning } from "../probes/load.ts";
import { openServerProbes, type ServerProbes } from "../probes/server/index.ts";
import {
  readRecords,
  RECORDS_FILE,
  RECORDS_VERSION,
  type EndRecord,
  type GateRecord,
  type RunRecord,
  type RunResults,
  type SampleResult,
} from "../results/records.ts";
import { appendRecord } from "../results/record-file.ts";
import {
  OWN_CONNECTIONS,
  requireAccountConnections,
  requireConnections,
  type ConnectionNeed,
} from "../server-state/connection-limits.ts";
import { packageVersion } from "../../lib/installed-package.ts";
import { openBufferPool } from "../server-state/buffer-pool.ts";
import { openPrefills } from "../server-state/prefill/index.ts";
import { resetOutputs } from "../server-state/reset.ts";
import { openRoutes, type Routes } from "../rtt/index.ts";
import { resumeCommand } from "./resume-command.ts";
import { requireSameConditions, sampleKey, takenSamples } from "./resume.ts";
import { takeConfirmed, type RunIds } from "./confirmed-sample.ts";
import { readServerFacts, skipText, unmetNeed, type ServerFacts } from "./server-needs.ts";
import { skipped, type SamplingContext } from "./sampler.ts";
import type { Timeline } from "../suites/suite.ts";
import { usersPlugIns } from "./users-plug-ins.ts";
import { warmCache } from "../server-state/warm-cache.ts";
import { openWorkspace, type Workspace } from "./workspace.ts";
import { mebibytes } from "../text/format.ts";

export interface RunRequest {
  readonly cells: readonly PlannedCell[];
  readonly rounds: number;
  readonly orderSeed: number;
  /** as in `OrderedPlan` */
  readonly isFirstRoundCut?: boolean;
  readonly suite: string | null;
  readonly timeline: Timeline | null;
  readonly dataset: DatasetParameters;
  readonly database: DatabaseSelector;
  readonly runId: string;
  readonly startedAt: Date;
  /** exists; contains results only if the run continues an earlier one */
  readonly folder: string;
  /** results before the interruption; null for a new run */
  readonly continued: RunResults | null;
  /** the ORM whose cells are the baseline of all others; absent or null: the fastest raw driver of this project */
  readonly baseline?: string | null;
  /** of servers that bench starts; absent or null: their usual size */
  readonly bufferPoolBytes?: number | null;
  /** of the page and the chart; absent or null: the default */
  readonly title?: string | null;
  /** absent or null for a run without a gate */
  readonly gate?: GateRecord | null;
}

export interface RunOptions {
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Called before bench creates anything on a server that it does not manage; an error ends the run. Absent: confirmed. */
  readonly confirm?: (pending: Pending, signal: AbortSignal) => Promise<void>;
  /** as in `SamplingContext` */
  readonly readyGraceMs?: number | undefined;
  /** when `signal` will end the run, by `clockMs`, for the display; absent: it will not */
  readonly endsAtMs?: number;
}

/** @returns everything recorded, also after an interruption */
export async function executeRun(
  request: RunRequest,
  { log, signal, confirm, readyGraceMs, endsAtMs }: RunOptions,
): Promise<RunResults> {
  const busy = loadWarning();
  if (busy !== null) log.warn(busy);
  await preparePackages(request.cells, { log, signal });
  await using database = await orAborted(openDatabase(request.database, { log, signal }), signal);
  const need = connectionNeed(request.cells);
  await orAborted(requireConnections(database.target, need), signal);
  if (confirm !== undefined && !database.owned) await confirm(await orAborted(pendingOf(request, database), signal), signal);
  const dataset = await orAborted(ensureDataset(database.target, request.dataset, { log, signal }), signal);
  await using workspace = await openWorkspace(database.target, log, signal);
  const { account } = workspace;
  await requireAccountConnections(account.target, { ...need, beside: account.counted === null ? OWN_CONNECTIONS : WARDEN });
  await orAborted(requireData(workspace.admin, dataset.contentHash), signal);
  await orAborted(ensureOracle(workspace.admin, dataset.contentHash, log), signal);

  await using durability = await openDurability(workspace.admin, database.owned);
  await using pool = await openBufferPool(workspace.admin, database.bufferPoolBytes, request.bufferPoolBytes ?? null);
  for (const restored of [durability.restored, pool.restored]) if (restored !== null) log.warn(restored);
  const kinds = request.cells.flatMap(({ prefill, skipReason }) => (prefill === null || skipReason !== null ? [] : [prefill]));
  await using prefills = await openPrefills(
    workspace.resetter,
    kinds,
    { hasOwnFiles: database.owned && database.serverPid !== null, schema: database.target.schema },
    log,
    signal,
  );
  await orAborted(warmCache(workspace.admin), signal);

  const paidOrders = await orAborted(paidOrdersOfWindow(workspace.admin), signal);
  const users = request.dataset.users + request.dataset.dormantUsers;
  const allUsers = { firstUserId: 1, lastUserId: users };
  using display = createRunDisplay(log, {
    cells: request.cells,
    rounds: request.rounds,
    activeUsers: request.dataset.users,
    expectedRows: await expectedRowsWritten(workspace.admin, [allUsers]),
    earlier: request.continued?.samples ?? [],
    endsAtMs: endsAtMs ?? null,
  });
  await using probes = await openServerProbes(
    database.target,
    {
      isOwned: database.owned,
      account: workspace.account.counted,
      serverPid: database.serverPid,
    },
    log,
  );
  const addedRtts = request.cells.flatMap(({ cell, skipReason }) => (skipReason === null ? (cell.addedRttMs ?? []) : []));
  await using routes = await openRoutes(database.target, addedRtts, log);
  const context: RunContext = {
    workspace,
    probes,
    routes,
    durability,
    prefills,
    hasLocality: kinds.length > 0 || (request.bufferPoolBytes ?? null) !== null,
    firstRunId: Math.max(0, ...kinds.map(({ times }) => times)),
    server: await readServerFacts(workspace.admin),
    // a separate account has no right to write them
    ...(account.counted === null && { checkInputs: () => restoreInputs(workspace.admin, dataset.contentHash, log) }),
    users: allUsers,
    activeUsers: request.dataset.users,
    paidOrders,
    onPhase: (phase) => display.phase(phase),
    onProgress: (usersDone) => display.progress(usersDone),
    onWarning: (warning) => display.warn(warning),
    signal,
    readyGraceMs,
  };
  const file = join(request.folder, RECORDS_FILE);
  const described = await describeRun(request, dataset, database, workspace, {
    probes,
    routes,
    busy,
    restored: [durability.restored, pool.restored],
    paidOrders,
  });
  if (request.continued === null) await appendRecord(file, described);
  else {
    const notes = requireSameConditions(request.continued.run, described, request.folder);
    for (const note of notes) log.warn(note);
    await appendRecord(file, { type: "resumed", resumedAt: new Date().toISOString(), notes });
  }
  let how: EndRecord["how"] = "failed";
  try {
    await takeAll(request, file, context, display);
    how = "complete";
  } catch (error) {
    if (!signal.aborted) throw error;
    how = "interrupted";
  } finally {
    await appendRecord(file, { type: "end", endedAt: new Date().toISOString(), how });
  }
  // remove the rows of the last sample
  if (how === "complete") await resetOutputs(workspace.resetter);
  // awaited here: a rejection during the disposal of the workspace would be unhandled
  return await readRecords(file);
}

/** The session that ends those of measured processes is of their account. */
const WARDEN = 1;

/** Of the cell that opens the most connections. */
function connectionNeed(cells: readonly PlannedCell[]): ConnectionNeed {
  const needs = cells
    .filter(({ skipReason }) => skipReason === null)
    .map(({ cell, orm }): ConnectionNeed => {
      const { poolConnections } = connectionPolicy(cell, orm);
      const workers = cell.workers === 1 ? "" : `, ${cell.workers} workers,`;
      return {
        what: `${cell.id}${workers} with a pool of ${poolConnections}`,
        pools: cell.workers * poolConnections,
        beside: WARDEN,
        fix: cell.workers === 1 ? "a library with a smaller pool" : "fewer --workers",
      };
    });
  return needs.toSorted((a, b) => b.pools - a.pools)[0] ?? { what: "nothing", pools: 0, beside: 0, fix: "" };
}

function pendingOf({ cells, rounds, dataset, continued }: RunRequest, database: Database): Promise<Pending> {
  const taken = Map.groupBy(continued?.samples ?? [], ({ cell }) => cell.id);
  const samples = (planned: PlannedCell): number => roundsOfCell(planned, rounds) - (taken.get(planned.cell.id)?.length ?? 0);
  return findPending(database, dataset, { cells, samples });
}

interface RunContext extends SamplingContext {
  /** samples have larger run ids: those up to it are of earlier runs in the tables */
  readonly firstRunId: number;
  readonly server: ServerFacts;
}

/** @throws the reason of the signal after an interruption; finished samples are saved */
async function takeAll(request: RunRequest, file: string, context: RunContext, display: RunDisplay): Promise<void> {
  const taken = request.continued === null ? new Set<string>() : takenSamples(request.continued);
  // unique per sample and never 0, so that rows of another sample fail the verification
  let jobRunId = context.firstRunId;
  let lastRunId = jobRunId + request.rounds * request.cells.length;
  const nextRunId = (): number => (lastRunId += 1);
  for (let round = 1; round <= request.rounds; round += 1) {
    for (const [index, planned] of orderOf(request, round).entries()) {
      jobRunId += 1;
      // the signal can abort while the previous sample is saved; a listener added later receives no event
      context.signal.throwIfAborted();
      if (taken.has(sampleKey(planned.cell.id, round))) continue;
      const startedAt = new Date().toISOString();
      display.begin(planned.cell);
      const result = await sampleOf(planned, { jobRunId, nextRunId }, context, request);
      const versions = await versionsOf(planned);
      // an interrupted sample is not recorded
      context.signal.throwIfAborted();
      await appendRecord(file, {
        type: "sample",
        startedAt,
        cell: planned.cell,
        ...versions,
        round,
        position: index + 1,
        ...result,
      });
      display.end(result);
    }
  }
}

async function versionsOf(planned: PlannedCell): Promise<{ ormVersion: string | null; driverVersion: string | null }> {
  const { orm, modules } = planned;
  const own = packagesUrlOf(planned);
  return {
    ormVersion: await packageVersion(orm.packageName, own),
    // a package set can lack the driver; then the driver beside the library's description runs
    driverVersion: (await packageVersion(orm.driver, own)) ?? (await packageVersion(orm.driver, modules.ormUrl)),
  };
}

async function sampleOf(
  planned: PlannedCell,
  ids: RunIds,
  context: RunContext,
  { folder, cells, database }: RunRequest,
): Promise<SampleResult> {
  if (planned.skipReason !== null) return skipped(planned.skipReason);
  if (planned.cell.durability !== null && !context.durability.isOwned) return skipped(NOT_OWNED);
  const unmet = unmetNeed(planned.server, context.server);
  if (unmet !== null) return skipped(skipText(unmet));
  try {
    return await takeConfirmed(planned, ids, context);
  } catch (thrown) {
    const error = explainDenial(thrown, context.workspace.account.target.schema);
    if (error instanceof BenchError || context.signal.aborted) throw error;
    const where = `the server failed during ${planned.cell.id}`;
    const command = resumeCommand(folder, cells, database);
    const next = command === null ? "then start the run again" : `bench saved the finished samples; continue with: ${command}`;
    throw (
      namedAnswer(error, where) ??
      new BenchError("SERVER_LOST", `${where}: ${messageOf(error)}`, `read the server's log; ${next}`, error)
    );
  }
}

/** A suite can request a size that bench does not set on the server of a user. */
const poolNote = ({ bufferPoolBytes = null }: RunRequest, { owned }: Database): string[] =>
  bufferPoolBytes === null || owned
    ? []
    : [
        `The run requests a buffer pool of ${mebibytes(bufferPoolBytes)}. bench sets it only on servers that it starts; this server kept its size.`,
      ];

interface Seen {
  readonly probes: ServerProbes;
  readonly routes: Routes;
  readonly busy: string | null;
  readonly restored: readonly (string | null)[];
  readonly paidOrders: number;
}

async function describeRun(
  request: RunRequest,
  dataset: Dataset,
  database: Database,
  { admin, notes }: Workspace,
  { probes, routes, busy, restored, paidOrders }: Seen,
): Promise<RunRecord> {
  const seen = await readEnvironment(admin, database, request.cells, request.folder);
  const { runId, startedAt, suite, rounds, orderSeed, cells } = request;
  return {
    type: "run",
    version: RECORDS_VERSION,
    runId,
    startedAt: startedAt.toISOString(),
    suite,
    rounds,
    orderSeed,
    dataset: { ...request.dataset, contentHash: dataset.contentHash, generatorVersion: GENERATOR_VERSION },
    paidOrders,
    cells: cells.map(({ cell, orm, limitMs, maxRounds, paths }) => ({
      ...cell,
      ormClass: orm.class,
      isOwnOrm: paths.orm !== null,
      driver: orm.driver,
      colour: orm.colour ?? null,
      limitMs,
      maxRounds,
      settings: cell.version === null ? { ...orm.settings, ...(cell.track === "tuned" && orm.tuned) } : {},
      connection: connectionPolicy(cell, orm),
    })),
    plugIns: await usersPlugIns(cells),
    environment: seen.environment,
    rtt: [...routes.points],
    timeline: request.timeline,
    isFirstRoundCut: request.isFirstRoundCut ?? false,
    bufferPoolBytes: request.bufferPoolBytes ?? null,
    title: request.title ?? null,
    baseline: request.baseline ?? null,
    notes: [
      ...(busy === null ? [] : [`At the start of the run: ${busy}.`]),
      ...restored.flatMap((each) => (each === null ? [] : [`Before the run, ${each}.`])),
      ...poolNote(request, database),
      ...notes,
      ...probes.notes,
      ...seen.notes,
    ],
    gate: request.gate ?? null,
  };
}
