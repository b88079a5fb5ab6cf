/** Runs one sample of a scenario: requests before, during and after a batch, then a check that no write was lost or overwritten. */
import { setTimeout as delay } from "node:timers/promises";
import { DEFAULT_OPTIONS, type ApiOptions } from "../../api/options.ts";
import { batchRunId } from "../../api/tables.ts";
import { checkConsistency, type CheckedBatch, type HistoryEntry } from "../../consistency/index.ts";
import { select, selectOne, type Connection } from "../../lib/connection.ts";
import { BenchError } from "../../lib/errors.ts";
import { TARGET_DATE } from "../../workload/calendar.ts";
import { clockMs } from "../../lib/clock.ts";
import { DEFAULT_CHUNK_USERS } from "../plan/cell.ts";
import { orAborted } from "../run/interrupt.ts";
import { quantile } from "../statistics/quantiles.ts";
import type { NginxProgram } from "../cluster/nginx/program.ts";
import type { Quiescer } from "../server-state/quiesce.ts";
import { resetApiData } from "./data.ts";
import { storeLatencies } from "./latency.ts";
import { startLoad } from "./load.ts";
import type { FollowedUp, LoadTask, SentRequest } from "./load-messages.ts";
import { historyOf, phaseOf, deferredUsers, type Mark } from "./phases.ts";
import { PHASES, type ApiSampleRecord, type PhaseName, type PhaseRecord } from "./records.ts";
import { Disturber } from "./disturb.ts";
import { startInstances, startOne, type RunningService, type SummedReadings } from "./instances.ts";
import { readMembers } from "./members.ts";
import { atMost, type HistogramReading } from "./service.ts";
import { techniqueOf, type PlannedVariant } from "./variant.ts";
import { MAX_LATE_P99_MS } from "./summary.ts";
import { readLockCounters, watchTransactions } from "./watch.ts";
import { milliseconds } from "../text/format.ts";

/** Warm-up without measurement, until both processes have compiled their code; at most as long as the quiet phase. */
const MAX_WARM_UP_MS = 1_500;
const POLL_MS = 20;
const COUNT_MS = 200;
const SHED_PAUSE_MS = 250;
const DRAIN_LIMIT_MS = 60_000;
const RETRIED = new Set([502, 503, 504]);
const P99 = 0.99;

export interface SamplingParts {
  readonly service: Omit<ApiOptions, "guard" | "strategy">;
  readonly traffic: Omit<LoadTask["traffic"], "seed">;
  readonly seed: number;
  readonly quietMs: number;
  readonly batchLimitMs: number;
  readonly clientTimeoutMs: number;
  /** of a write, under its key */
  readonly clientRetries: number;
  /** each connection is exclusive */
  readonly connections: { readonly admin: Connection; readonly resetter: Connection; readonly watcher: Connection };
  readonly quiescer: Quiescer;
  readonly onPhase: (phase: string) => void;
  /** @param done users written so far, of all targets */
  readonly onProgress: (done: number, targets: number) => void;
  /** null: no variant has several instances */
  readonly nginx: NginxProgram | null;
  readonly signal: AbortSignal;
}

interface BatchRun {
  readonly id: number;
  readonly status: string;
  readonly failure: string | null;
  readonly targets: number | null;
  readonly selectedAtMs: number | null;
  /** first time at which the committed cut-off was visible; null: never */
  readonly cutOffSeenAtMs: number | null;
}

async function mark(service: RunningService, admin: Connection): Promise<Mark> {
  const atMs = clockMs();
  const [metrics, locks] = await Promise.all([service.readMetrics(), readLockCounters(admin)]);
  return { atMs, poolWait: metrics.histogram("api_pool_wait_seconds"), locks };
}

/**
 * Repeats the request while the service sheds it with 503, and after an answer of nginx, which leaves open whether the batch started.
 * A repeated request then gets a 409 with the number of the batch.
 * @throws BenchError SERVICE_FAILED
 */
async function postBatch(
  service: RunningService,
  token: string,
  { batch }: PlannedVariant,
  signal: AbortSignal,
): Promise<number> {
  const request = (): Promise<Response> =>
    fetch(`${service.url}/batches`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({
        targetDate: TARGET_DATE.toISOString().slice(0, 10),
        style: batch.style,
        chunkUsers: batch.chunkUsers ?? DEFAULT_CHUNK_USERS,
        pauseMs: batch.pauseMs,
      }),
    });
  const deadline = clockMs() + DRAIN_LIMIT_MS;
  let response = await request();
  let mayHaveStarted = false;
  while (RETRIED.has(response.status) && clockMs() < deadline) {
    mayHaveStarted ||= response.status !== 503;
    await response.body?.cancel();
    await delay(SHED_PAUSE_MS, undefined, { signal });
    response = await request();
  }
  const answer = (await response.json()) as { id?: number; batchId?: number; detail?: string };
  if (response.status === 409 && mayHaveStarted && answer.batchId !== undefined) return answer.batchId;
  if (response.status !== 202 || answer.id === undefined)
    throw new BenchError(
      "SERVICE_FAILED",
      `the service refused the batch with ${response.status}: ${answer.detail ?? ""}`,
      "run the command again",
    );
  return answer.id;
}

interface BatchRow {
  readonly id: number;
  readonly status: string;
  readonly failure: string | null;
  readonly targets: number | null;
  readonly hasCutOff: number;
}

/**
 * By the committed steps of members, or by the heartbeat of a separate process. To count the rows of all users every 20 ms took a
 * quarter of a core.
 */
async function readUsersDone(admin: Connection, id: number): Promise<number> {
  const { usersDone } = await selectOne<{ usersDone: number | string }>(
    admin,
    `SELECT GREATEST(COALESCE(users_written, 0),
       COALESCE((SELECT SUM(JSON_LENGTH(user_ids)) FROM batch_steps WHERE batch_id = ?), 0)) AS usersDone
     FROM batches WHERE id = ?`,
    [id, id],
  );
  return Number(usersDone);
}

/** Polls the database for the state of the batch: a busy service may not answer. */
async function followBatch(id: number, { connections, batchLimitMs, onProgress, signal }: SamplingParts): Promise<BatchRun> {
  const { admin } = connections;
  const deadline = clockMs() + batchLimitMs;
  let selectedAtMs: number | null = null;
  let cutOffSeenAtMs: number | null = null;
  let countedAtMs = Number.NEGATIVE_INFINITY;
  for (;;) {
    signal.throwIfAborted();
    const { hasCutOff, ...row } = await selectOne<BatchRow>(
      admin,
      `SELECT id, status, failure, targets, (SELECT batch_id FROM batch_cutoff) >= id AS hasCutOff
       FROM batches WHERE id = ?`,
      [id],
    );
    // this process sees the committed row; a time that the service writes would come from another clock
    if (hasCutOff === 1) cutOffSeenAtMs ??= clockMs();
    if (row.targets !== null) {
      selectedAtMs ??= clockMs();
      if (clockMs() - countedAtMs > COUNT_MS) {
        onProgress(await readUsersDone(admin, id), row.targets);
        countedAtMs = clockMs();
      }
    }
    const seen = { selectedAtMs, cutOffSeenAtMs };
    if (row.status !== "running" && row.status !== "selecting") return { ...row, ...seen };
    if (clockMs() > deadline) return { ...row, status: "failed", failure: "it did not finish within the limit", ...seen };
    await delay(POLL_MS);
  }
}

/** Waits until no accepted write is pending. @returns false after DRAIN_LIMIT_MS */
async function drained(admin: Connection, signal: AbortSignal): Promise<boolean> {
  const deadline = clockMs() + DRAIN_LIMIT_MS;
  while (clockMs() < deadline) {
    signal.throwIfAborted();
    const waiting = await select(admin, "SELECT 1 FROM inbox WHERE status = 'pending' LIMIT 1");
    if (waiting.length === 0) return true;
    await delay(POLL_MS);
  }
  return false;
}

function ownedUsersOf(owned: HistogramReading): ApiSampleRecord["ownedUsers"] {
  const atMostSeconds = atMost(owned, 1);
  return {
    count: owned.count,
    meanMs: owned.count === 0 ? null : (owned.sum * 1_000) / owned.count,
    atMostMs: atMostSeconds === null ? null : atMostSeconds * 1_000,
  };
}

const countBy = (results: readonly FollowedUp[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(results, ({ status }) => status)].map(([status, all]) => [status, all.length]));

interface Observed {
  readonly beforeBatchMs: number;
  readonly requestedAtMs: number;
  readonly batch: BatchRun;
  readonly marks: readonly [Mark, Mark, Mark, Mark];
  readonly sent: readonly SentRequest[];
  readonly followedUp: readonly FollowedUp[];
  readonly owned: HistogramReading;
  readonly seen: Pick<ApiSampleRecord, "mostRowsLocked" | "longestTransactionMs">;
  readonly isDrained: boolean;
  readonly cluster: ApiSampleRecord["cluster"];
}

/** Runs all phases while the service is up. */
async function observe(variant: PlannedVariant, parts: SamplingParts): Promise<Observed> {
  const { connections, quietMs, signal, onPhase } = parts;
  const { admin } = connections;
  const options: ApiOptions = { ...parts.service, guard: variant.guard ?? DEFAULT_OPTIONS.guard, strategy: techniqueOf(variant) };
  const { instances, disturbance, pauseMs } = variant.batch;
  const group = instances === null || parts.nginx === null ? null : await startInstances(options, instances, parts.nginx);
  await using service = group ?? (await startOne(options));
  const upAtMs = clockMs();
  const hasTraffic = variant.guard !== null;
  const task = {
    url: service.url,
    traffic: { ...parts.traffic, seed: parts.seed },
    timeoutMs: parts.clientTimeoutMs,
    retries: parts.clientRetries,
  };
  await using load = hasTraffic ? await startLoad(task) : null;
  const quiet = async (phase: string, ms: number): Promise<void> => {
    onPhase(phase);
    await delay(ms, undefined, { signal });
  };
  // a batch without requests waits too: at once, the server would be in another state than for the batches it is compared with
  await quiet("warming up", Math.min(MAX_WARM_UP_MS, quietMs));
  const first = await mark(service, admin);
  await quiet("before the batch", quietMs);
  const second = await mark(service, admin);
  onPhase("during the batch");
  await using watch = watchTransactions(connections.watcher);
  const requestedAtMs = clockMs();
  await using disturber =
    group === null || disturbance === null
      ? null
      : new Disturber({ connection: admin, instances: group, choice: disturbance, service: options, pauseMs, requestedAtMs });
  const onProgress: SamplingParts["onProgress"] = (done, targets) => {
    disturber?.onProgress(done, targets);
    parts.onProgress(done, targets);
  };
  const batchId = await postBatch(service, options.adminToken, variant, signal);
  const batch = await followBatch(batchId, { ...parts, onProgress });
  await disturber?.applied();
  group?.resume();
  const third = await mark(service, admin);
  const seen = watch.seen();
  if (hasTraffic) await quiet("after the batch", quietMs);
  const fourth = await mark(service, admin);
  onPhase("waiting for answers");
  const sent = (await load?.stop()) ?? [];
  const isDrained = await drained(admin, signal);
  // also those that a repetition found applied
  const isAccepted = ({ attempts = [] }: HistoryEntry): boolean => attempts.some(({ result }) => result === "accepted");
  const tokens = historyOf(sent).flatMap((entry) => (isAccepted(entry) ? [entry.token] : []));
  const followedUp = (await load?.followUp(tokens)) ?? [];
  const metrics = await service.readMetrics();
  const owned = metrics.histogram("api_batch_user_seconds");
  const cluster = instances === null ? null : await readCluster(admin, batch.id, metrics, disturber);
  return {
    beforeBatchMs: second.atMs - upAtMs,
    requestedAtMs,
    batch,
    marks: [first, second, third, fourth],
    sent,
    followedUp,
    owned,
    seen,
    isDrained,
    cluster,
  };
}

async function readCluster(
  admin: Connection,
  batchId: number,
  metrics: SummedReadings,
  disturber: Disturber | null,
): Promise<ApiSampleRecord["cluster"]> {
  const members = await readMembers(admin, batchId, metrics);
  return { ...members, disturbance: (await disturber?.read(batchId, members.longestRoundMs)) ?? null };
}

function warningsOf({ isDrained }: Observed, phases: ApiSampleRecord["phases"], quiesceWarning: string | null): string[] {
  const late = PHASES.flatMap((phase) => {
    const p99Ms = phases?.[phase].generatorLate?.p99Ms ?? 0;
    return p99Ms > MAX_LATE_P99_MS ? [`${milliseconds(p99Ms)} ${phase} it`] : [];
  });
  return [
    ...(quiesceWarning === null ? [] : [quiesceWarning]),
    ...(isDrained ? [] : [`accepted writes were still pending after ${DRAIN_LIMIT_MS / 1_000} s`]),
    ...(late.length === 0
      ? []
      : [`beside the batch, the load generator was late at p99 (${late.join(", ")}): the machine is too busy for this rate`]),
  ];
}

/** @throws BenchError after the failure of a process or an interruption; a failed batch becomes a failed sample */
export async function takeApiSample(variant: PlannedVariant, round: number, parts: SamplingParts): Promise<ApiSampleRecord> {
  const { connections, quiescer, signal, onPhase } = parts;
  const startedAt = new Date().toISOString();
  onPhase("resetting");
  await resetApiData(connections.resetter);
  onPhase("waiting for a quiet server");
  const { quiesceMs, warning } = await orAborted(quiescer.quiesce(), signal);
  const observed = await observe(variant, parts);
  const { batch, marks, sent, followedUp, owned, seen } = observed;
  const [first, second, third, fourth] = marks;
  onPhase("checking");
  const isFinished = batch.status === "finished";
  const { requestedAtMs } = observed;
  const { cutOffSeenAtMs } = batch;
  const checked: CheckedBatch = { id: batch.id, runId: batchRunId(batch.id), isFinished, requestedAtMs, cutOffSeenAtMs };
  const verdict = await checkConsistency(connections.admin, historyOf(sent), checked);
  const appliedAfterMs = new Map(
    followedUp.flatMap(({ token, appliedAfterMs: ms }) => (ms === null ? [] : [[token, ms] as const])),
  );
  const phases: Record<PhaseName, PhaseRecord> = {
    before: phaseOf(sent, appliedAfterMs, first, second),
    during: phaseOf(sent, appliedAfterMs, second, third),
    after: phaseOf(sent, appliedAfterMs, third, fourth),
  };
  const recordedPhases = variant.guard === null ? null : phases;
  const lateP99Ms = quantile(
    sent.filter(({ intendedAtMs }) => intendedAtMs >= first.atMs).map((request) => request.sentAtMs - request.intendedAtMs),
    P99,
  );
  const { modules: _modules, ...named } = variant;
  return {
    type: "sample",
    startedAt,
    variant: named,
    round,
    status: isFinished ? "ok" : "failed",
    reason: isFinished ? null : `the batch is ${batch.status}: ${batch.failure ?? "the record has no reason"}`,
    quiesceMs,
    beforeBatchMs: observed.beforeBatchMs,
    batchMs: isFinished ? third.atMs - second.atMs : null,
    selectingMs: batch.selectedAtMs === null ? null : batch.selectedAtMs - second.atMs,
    targets: batch.targets,
    ownedUsers: ownedUsersOf(owned),
    deferredUsers: variant.guard === null ? null : deferredUsers(sent, second, third),
    cluster: observed.cluster,
    ...seen,
    phases: recordedPhases,
    untilApplied: storeLatencies([...appliedAfterMs.values()]),
    acceptedEnds: countBy(followedUp),
    generatorLateP99Ms: lateP99Ms,
    verdict: {
      ...verdict,
      rules: [...verdict.rules],
      conflicts: verdict.conflicts.map((each) => ({ ...each, examples: [...each.examples] })),
    },
    warnings: warningsOf(observed, recordedPhases, warning),
  };
}
