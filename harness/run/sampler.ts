/**
 * Takes one sample: reset, new process, ready, quiesce, clock, lock the account, kill sessions, verify. The clock runs in the child, and
 * clock-check.ts compares its time with the parent's.
 */
import { crowding } from "../../lib/crowding.ts";
import { messageOf } from "../../lib/errors.ts";
import type { Partition } from "../../strategies/strategy.ts";
import { connectionPolicy, type PlannedCell } from "../plan/planned-cell.ts";
import { ChildFailure } from "./child-failure.ts";
import { MeasuringChild } from "./measuring-child.ts";
import { expectedRowsWritten, JOB } from "../verify/oracle.ts";
import { coldCacheWarning, readPoolReads } from "../probes/buffer-pool.ts";
import { throughProxy, type Routes } from "../rtt/index.ts";
import type { ServerProbes } from "../probes/server/index.ts";
import { noiseWarnings, readMachine } from "../probes/machine.ts";
import { PROTOCOL_VERSION } from "../protocol.ts";
import type { Costs } from "../results/costs-schema.ts";
import type { SampleResult } from "../results/records.ts";
import type { Prefills } from "../server-state/prefill/index.ts";
import { warmAll } from "../server-state/warm-cache.ts";
import type { Prefilled } from "../verify/prefilled.ts";
import { measureLocality } from "../probes/locality/index.ts";
import { resetOutputs, resetScratch } from "../server-state/reset.ts";
import { partitionUsers } from "../../strategies/partition.ts";
import { explainEarlyRead, foundBeforeTheClock } from "./before-the-clock.ts";
import { checkedUsage, clockMismatch, countedWallMs } from "./clock-check.ts";
import { verify } from "../verify/rows.ts";
import { wholeJobMs } from "./pace.ts";
import { missingWork } from "./least-work.ts";
import { policyWarnings } from "./policy-check.ts";
import { privateRetries, privateRetriesWarning } from "./private-retries.ts";
import type { Found } from "../server-state/leftovers.ts";
import type { DurabilitySwitch } from "../server-state/durability-settings.ts";
import { watch, type Watched } from "./watch.ts";
import type { Workspace } from "./workspace.ts";
import { duration, percent } from "../text/format.ts";

export interface SamplingContext {
  readonly workspace: Workspace;
  readonly probes: ServerProbes;
  /** routes to the server with added round-trip time */
  readonly routes: Routes;
  readonly durability: DurabilitySwitch;
  /** rows of earlier runs; absent: no cell has them */
  readonly prefills?: Prefills;
  /** the run is about key locality: equal pages in memory before each sample, and reads of the new rows after it; absent: false */
  readonly hasLocality?: boolean;
  readonly users: Partition;
  /** number of users, from id 1, that the job may change */
  readonly activeUsers: number;
  /** paid orders of the job's window */
  readonly paidOrders: number;
  /** whether the job changed rows that it may only read, as the reason of a failure; absent: its account cannot */
  readonly checkInputs?: () => Promise<string | null>;
  readonly onPhase: (phase: string) => void;
  /** @param usersDone number of finished active users */
  readonly onProgress: (usersDone: number) => void;
  /** called at once; the record of the sample contains the warning too */
  readonly onWarning: (warning: string) => void;
  /** aborts the sample in flight */
  readonly signal: AbortSignal;
  /** time beyond the limit of a cell until its process must be ready; absent: by the load of the machine */
  readonly readyGraceMs?: number | undefined;
}

const READY_TIMEOUT_MS = 120_000;
/** Beyond the limit of a cell: importing a library, connecting and warming up take up to 5 s on two quiet cores. */
const READY_GRACE_MS = 15_000;

const NOTHING_MEASURED: SampleResult = {
  status: "failed",
  reason: null,
  verified: null,
  wallMs: null,
  outsideWallMs: null,
  phaseMs: null,
  doneFraction: null,
  estimatedWallMs: null,
  rowsWritten: null,
  rowsPerSecond: null,
  statements: null,
  roundTrips: null,
  roundTripChain: null,
  retries: null,
  clientCpuMs: null,
  peakRssBytes: null,
  eventLoopDelayP99Ms: null,
  costs: null,
  optimiser: null,
  quiesceMs: null,
  warnings: [],
};

export const skipped = (reason: string): SampleResult => ({ ...NOTHING_MEASURED, status: "skipped", reason });
/** Replaces paths by file names: results are published and must not contain paths of this machine. */
const withoutFolders = (text: string): string => text.replaceAll(/(?:file:\/\/)?(?:\/[\w.@+-]+){2,}\/([\w.@+-]+)/g, "$1");
const failed = (reason: string, known: Partial<SampleResult> = {}): SampleResult => ({
  ...NOTHING_MEASURED,
  ...known,
  status: "failed",
  reason,
});

const agreed = (result: SampleResult): TakenSample => ({ result, clocksDiffer: false });

export interface TakenSample {
  readonly result: SampleResult;
  /** the rows are right and the time has no second source, so the sample failed; another one can succeed */
  readonly clocksDiffer: boolean;
}

/**
 * @param runId unique per sample, so that rows of another sample fail the verification
 * @throws the reason of the signal after an interruption
 */
export async function takeSample(planned: PlannedCell, runId: number, context: SamplingContext): Promise<TakenSample> {
  const { cell, modules, orm, key, limitMs } = planned;
  const { users, activeUsers, signal } = context;
  const { admin, resetter, scratchResetter, account, quiescer, scratch, leftovers, writeStop } = context.workspace;
  const partitions = partitionUsers(activeUsers, users.lastUserId, cell);
  const route = cell.addedRttMs === null ? null : context.routes.through(cell.addedRttMs);
  // a signal that aborted earlier sends no event, and the sample would run to its end
  signal.throwIfAborted();
  await using child = new MeasuringChild(planned);
  const kill = (): void => void child[Symbol.asyncDispose]();
  signal.addEventListener("abort", kill, { once: true });
  let quiesceMs: number | null = null;
  const warnings: string[] = [];
  const warn = (warning: string | null): void => {
    if (warning === null) return;
    warnings.push(warning);
    context.onWarning(warning);
  };
  let writesStopped: Promise<void> | null = null;
  /** Also after a failure: the reset of the next sample would wait for the locks. */
  const letWrite = async (): Promise<void> => {
    const stopped = writesStopped;
    writesStopped = null;
    await stopped;
    if (stopped !== null) await writeStop.end();
  };
  const undo = async (): Promise<Found> => {
    const found = await leftovers.undo(context.durability.isOwned);
    found.warnings.forEach(warn);
    return found;
  };
  try {
    warn(route?.warning ?? null);
    context.onPhase("reset");
    await context.durability.set(cell.durability);
    await leftovers.begin();
    await resetScratch(scratchResetter);
    // Before the child may read the schema: the rows of the last sample would show it the result.
    await resetOutputs(resetter);
    const prefilled = (await context.prefills?.restore(planned.prefill)) ?? null;
    if (context.hasLocality === true) await warmAll(resetter, key.storage);
    const optimiser = await leftovers.readStatistics();
    context.onPhase("warm-up");
    const childTarget = await account.admit();
    child.send({
      type: "prepare",
      protocol: PROTOCOL_VERSION,
      assignment: {
        cell,
        modules,
        target: route === null ? childTarget : throughProxy(childTarget, route.proxy),
        scratch: { schema: scratch.schema, shares: partitionUsers(scratch.users, scratch.users, cell) },
        runId,
        ...JOB,
        shares: partitions,
        connection: connectionPolicy(cell, orm),
      },
    });
    const readyWithinMs = Math.min(
      READY_TIMEOUT_MS,
      (limitMs ?? READY_TIMEOUT_MS) + (context.readyGraceMs ?? READY_GRACE_MS * crowding()),
    );
    if ((await child.waitFor("ready", readyWithinMs)) === null) throw new ChildFailure(notReady(readyWithinMs));
    const statementsWhenReady = await account.countAnswered();
    const early = await foundBeforeTheClock(context.workspace, context.durability.isOwned, { runId, key, prefilled });
    if (early !== null) throw new ChildFailure(early);
    context.onPhase("quiesce");
    const quiesced = await quiescer.quiesce();
    quiesceMs = quiesced.quiesceMs;
    warn(quiesced.warning);

    const statementsBefore = await account.countAnswered();
    const sent = (statementsBefore ?? 0) - (statementsWhenReady ?? 0);
    if (sent > 0) throw new ChildFailure(`the measured process sent ${sent} statements between ready and the start of the clock`);
    await account.letRead();
    const sessions = await account.countSessions();
    const poolBefore = await readPoolReads(admin);
    await context.probes.start();
    await route?.proxy.reset();
    context.onPhase("run");
    const proxyPid = route?.proxy.pid ?? null;
    const machineBefore = await readMachine(proxyPid);
    const onEnd = (): void => {
      writesStopped = writeStop.begin();
      // awaited below; until then a lost server fails another statement first
      writesStopped.catch(() => {});
    };
    const watched = await watch(child, partitions, limitMs, { ...context, onEnd });
    // Within milliseconds, because a statement that the job did not await can end. Not sooner: a server thread without a CPU still shows a
    // statement that it has answered. A check before the readings of `watch` failed an honest sample at a load of 15.
    const unfinished = watched.measured === null ? null : await account.findUnfinished();
    const [isolations, statementsAtEnd] = await Promise.all([
      account.shut().then(() => account.seenIsolations()),
      account.countStatements(),
      context.probes.atEnd(),
    ]);
    const machineAfter = await readMachine(proxyPid);
    context.onPhase("verify");
    await child[Symbol.asyncDispose]();
    warn(leftProcessesWarning(await child.endDescendants()));
    const ended = await account.killSessions();
    await letWrite();
    const left = await undo();
    const turns = await route?.proxy.read();
    const { costs: counted, warnings: unknown } = await context.probes.finish(key.storage);
    for (const missing of unknown) warn(missing);
    const usage = watched.measured === null ? null : checkedUsage(watched.measured, watched.outside);
    warn(usage?.warning ?? null);
    const used = { clientCpuMs: usage?.clientCpuMs ?? null, serverCpuMs: counted.serverCpuMs };
    for (const noise of noiseWarnings(machineBefore, machineAfter, used)) warn(noise);
    const { openConnections, hasLoadedDriver } = watched.measured ?? {};
    const seen = { isolations, sessions, openConnections, hasLoadedDriver };
    for (const ignored of policyWarnings(orm.driver, connectionPolicy(cell, orm), cell.workers, seen, counted)) warn(ignored);
    // a small pool is the subject of a run about key locality
    if (context.hasLocality !== true) warn(coldCacheWarning(poolBefore, await readPoolReads(admin)));
    const statementsAfter = await account.countStatements();
    const statements =
      statementsBefore === null || statementsAfter === null
        ? null
        : Math.max(statementsAfter, statementsAtEnd ?? 0) - statementsBefore;
    warn(privateRetriesWarning(watched.measured?.retries, counted));
    const reads =
      context.hasLocality === true && watched.measured?.complete === true
        ? await measureLocality({ admin, storage: key.storage, runId })
        : null;
    for (const missing of reads?.warnings ?? []) warn(missing);
    const costs = { ...counted, ...reads?.costs };
    const known = {
      statements,
      costs,
      clientCpuMs: usage?.clientCpuMs ?? null,
      peakRssBytes: usage?.peakRssBytes ?? null,
      outsideWallMs: watched.outside.wallMs,
      ...(turns ?? NO_TURNS),
      optimiser,
      quiesceMs,
      warnings,
    };
    const wrong =
      (unfinished === null ? null : `when the job reported its end, ${unfinished}`) ??
      ended ??
      left.wrong ??
      (await context.checkInputs?.()) ??
      null;
    if (wrong !== null) return agreed(failed(`wrong result: ${wrong}`, { ...known, verified: false }));
    return await verifyOutcome(watched, { cell, key, limitMs }, { runId, prefilled, warn }, context, known);
  } catch (error) {
    if (!(error instanceof ChildFailure)) throw error;
    await child[Symbol.asyncDispose]();
    await account.killSessions();
    await letWrite();
    await undo();
    return agreed(failed(withoutFolders(explainEarlyRead(messageOf(error))), { quiesceMs, warnings }));
  } finally {
    signal.removeEventListener("abort", kill);
    await child[Symbol.asyncDispose]();
    await child.endDescendants();
    // also after an interruption: the server would continue a statement of minutes
    await account.killSessions();
  }
}

/** Before the clock, a cell can hang while its code loads, while the library connects, or in the warm-up. */
const notReady = (afterMs: number): string =>
  `not ready after ${duration(afterMs)}: loading, connecting or the warm-up hangs. Raise --cell-limit, or run \`bench trace\` on the cell.`;

const leftProcessesWarning = (programs: readonly string[]): string | null =>
  programs.length === 0 ? null : `left behind and ended: ${programs.length} processes (${[...new Set(programs)].join(", ")})`;

const NO_TURNS = { roundTrips: null, roundTripChain: null };

type Known = Pick<
  SampleResult,
  | "statements"
  | "clientCpuMs"
  | "peakRssBytes"
  | "outsideWallMs"
  | "roundTrips"
  | "roundTripChain"
  | "optimiser"
  | "quiesceMs"
  | "warnings"
> & { readonly costs: Costs };

/** Verifies the rows. A sample with a wrong result gets no time. */
async function verifyOutcome(
  watched: Watched,
  { cell, key, limitMs }: Pick<PlannedCell, "cell" | "key" | "limitMs">,
  sample: { readonly runId: number; readonly prefilled: Prefilled | null; readonly warn: (warning: string | null) => void },
  context: SamplingContext,
  known: Known,
): Promise<TakenSample> {
  const { runId, prefilled, warn } = sample;
  const { users } = context;
  const { admin } = context.workspace;
  const { measured, outside } = watched;
  const complete = measured?.complete === true;
  const partitions = partitionUsers(context.activeUsers, users.lastUserId, cell);
  const done = complete ? partitions : watched.done;
  const state = complete ? "finished" : measured === null ? "any" : "begun";
  const steps = { partitions, state } as const;
  const verdict = await verify(admin, { runId, key, prefilled, done, restUntouched: measured !== null, steps });
  if (!verdict.verified) return agreed(failed(`wrong result: ${verdict.difference}`, { ...known, verified: false }));

  const rowsWritten = await expectedRowsWritten(admin, done);
  const missing = missingWork(known.costs, { rowsWritten, paidOrders: complete ? context.paidOrders : null });
  if (missing !== null) return agreed(failed(`wrong result: ${missing}`, { ...known, verified: false }));
  const ofChild =
    measured === null
      ? {}
      : {
          retries: measured.retries + privateRetries(measured.retries, known.costs),
          eventLoopDelayP99Ms: measured.eventLoopDelayP99Ms,
        };
  if (!complete) {
    const doneFraction = rowsWritten / (await expectedRowsWritten(admin, [users]));
    const spentMs = outside.wallMs;
    const how = measured === null ? "killed at" : "stopped by";
    return agreed({
      ...NOTHING_MEASURED,
      ...known,
      ...ofChild,
      status: "timed-out",
      reason: `${how} the limit of ${(limitMs ?? 0) / 1000} s with ${percent(doneFraction)} of the rows written`,
      verified: true,
      doneFraction,
      estimatedWallMs: wholeJobMs(watched.progress, spentMs, doneFraction),
      rowsWritten,
      rowsPerSecond: rowsWritten / (spentMs / 1000),
    });
  }
  const mismatch = clockMismatch(measured, outside);
  if (mismatch !== null) return { result: failed(mismatch, known), clocksDiffer: true };
  const { wallMs, warning } = countedWallMs(measured, outside);
  warn(warning);
  return agreed({
    ...NOTHING_MEASURED,
    ...known,
    ...ofChild,
    status: "ok",
    verified: true,
    wallMs,
    phaseMs: measured.phaseMs,
    rowsWritten,
    rowsPerSecond: rowsWritten / (wallMs / 1000),
  });
}
