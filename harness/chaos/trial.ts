/** One trial: a reset, traffic, a batch, a fault in the middle of it, and the check of every invariant. */
import { setTimeout as delay } from "node:timers/promises";
import { batchRunId } from "../../api/tables.ts";
import { clockMs } from "../../lib/clock.ts";
import { select, selectOne } from "../../lib/connection.ts";
import { BenchError } from "../../lib/errors.ts";
import type { Client } from "../scenario/client.ts";
import type { TrafficSettings } from "../scenario/traffic.ts";
import type { Admin } from "./admin.ts";
import type { ChaosCluster } from "./cluster.ts";
import type { Fault, ServerControl } from "./fault.ts";
import { violationsOf } from "./invariants.ts";
import { LATE_MS } from "./limits.ts";
import { findLeft } from "./left.ts";
import type { TrialRecord } from "./records.ts";
import { affected } from "./requests.ts";
import { startBatch } from "./request-batch.ts";
import { resetTrial } from "./schema.ts";
import { TrialStage } from "./stage.ts";
import { Traffic } from "./traffic.ts";
import { watchMembers, type MemberWatch } from "./watch.ts";

/** Some writes are in progress when the batch starts. */
const BEFORE_BATCH_MS = 200;
/** A member that continues after the run must have the time to do harm. */
const AFTER_MS = 400;
const POLL_MS = 20;
const PREPARE_DEADLINE_MS = 60_000;
/** A run that takes longer has failed, whatever the fault does. */
const RUN_DEADLINE_MS = 60_000;

export interface TrialParts {
  readonly cluster: ChaosCluster;
  readonly admin: Admin;
  readonly client: Client;
  readonly server: ServerControl | null;
  readonly traffic: Omit<TrafficSettings, "seed">;
  readonly schema: string;
  /** the account of the service */
  readonly user: string;
  readonly targets: number;
  readonly signal: AbortSignal;
}

/** Between the rounds of a member. In short runs the other members finish before the lease of a lost one ends, and in long ones after it. */
const PAUSES_MS = [50, 100, 250, 500];
const pauseOf = (seed: number): number => PAUSES_MS[seed % PAUSES_MS.length] ?? 0;

/** @throws BenchError SERVICE_FAILED after 60 s: a fault must not wait for a member that never reaches its point */
async function unprepared({ id }: Fault, signal: AbortSignal): Promise<never> {
  await delay(PREPARE_DEADLINE_MS, undefined, { signal, ref: false });
  throw new BenchError(
    "SERVICE_FAILED",
    `the fault ${id} did not reach its state within 60 s`,
    "run the command again on a quieter machine",
  );
}

interface RunEnd {
  readonly status: string;
  readonly endedAtMs: number | null;
  readonly cutOffSeenAtMs: number | null;
}

async function followRun(id: number, { admin, signal }: TrialParts, stage: TrialStage): Promise<RunEnd> {
  const startedAtMs = clockMs();
  const deadline = startedAtMs + RUN_DEADLINE_MS;
  let cutOffSeenAtMs: number | null = null;
  for (;;) {
    signal.throwIfAborted();
    const row = await admin.use((connection) =>
      selectOne<{ status: string; hasCutOff: number }>(
        connection,
        "SELECT status, (SELECT batch_id FROM batch_cutoff) >= id AS hasCutOff FROM batches WHERE id = ?",
        [id],
      ),
    );
    if (row.hasCutOff === 1) cutOffSeenAtMs ??= clockMs();
    const isOpen = row.status === "running" || row.status === "selecting";
    if (!isOpen) return { status: row.status, endedAtMs: clockMs(), cutOffSeenAtMs };
    const isLate = stage.isOver && clockMs() > (stage.lastActAtMs(Infinity) ?? startedAtMs) + LATE_MS;
    if (isLate || clockMs() > deadline) return { status: row.status, endedAtMs: null, cutOffSeenAtMs };
    await delay(POLL_MS);
  }
}

async function readRounds(
  { admin }: TrialParts,
  id: number,
  serverStart: string,
  startMs: number,
  { names }: MemberWatch,
): Promise<TrialRecord["rounds"]> {
  const rows = await admin.use((connection) =>
    select<{ member: string; users: number; fromUs: number | string; toUs: number | string }>(
      connection,
      `SELECT LOWER(HEX(member)) AS member, JSON_LENGTH(user_ids) AS users, TIMESTAMPDIFF(MICROSECOND, ?, started_at) AS fromUs,
         TIMESTAMPDIFF(MICROSECOND, ?, finished_at) AS toUs FROM batch_steps WHERE batch_id = ? ORDER BY finished_at`,
      [serverStart, serverStart, id],
    ),
  );
  return rows.map(({ member, users, fromUs, toUs }) => ({
    member: names.get(member) ?? "unknown",
    users,
    fromMs: Number(fromUs) / 1_000 - startMs,
    toMs: Number(toUs) / 1_000 - startMs,
  }));
}

/** @throws BenchError if the cluster does not come up or starts no batch; an invariant that does not hold is a violation */
export async function runTrial(fault: Fault, trial: number, seed: number, parts: TrialParts): Promise<TrialRecord> {
  const { cluster, admin, client, server, targets, signal } = parts;
  const startedAt = new Date().toISOString();
  await cluster.heal(signal);
  await admin.use(resetTrial);
  for (const { proxy } of cluster.members) proxy.holds.length = 0;
  await using watch = watchMembers(admin, cluster);
  const traffic = new Traffic(client, { ...parts.traffic, seed });
  const stage = new TrialStage({ cluster, admin, server, seed, targets });
  let injecting: Promise<void> | null = null;
  try {
    await delay(BEFORE_BATCH_MS, undefined, { signal });
    const { now: serverStart } = await admin.use((connection) =>
      selectOne<{ now: string }>(connection, "SELECT CAST(UTC_TIMESTAMP(6) AS CHAR) AS now"),
    );
    const serverReadAtMs = clockMs();
    injecting = fault.inject(stage);
    // Awaited below; a failure before that must not end the process.
    injecting.then(stage.over, () => {});
    if (fault.request !== undefined) await Promise.race([stage.isPrepared, injecting, unprepared(fault, signal)]);
    const requestedAtMs = clockMs();
    const pauseMs = Math.max(pauseOf(seed), stage.pauseMs);
    const id = await startBatch(cluster.url, cluster.options.adminToken, pauseMs, fault.request);
    stage.started(id);
    const { status, endedAtMs, cutOffSeenAtMs } = await followRun(id, parts, stage);
    stage.ended();
    await injecting;
    await delay(AFTER_MS);
    const sent = await traffic.stop();
    const left = await findLeft(parts);
    left.unshift(...cluster.takeCrashes());
    const untilMs = endedAtMs ?? Number.POSITIVE_INFINITY;
    const lastAct = stage.lastActAtMs(untilMs);
    const recoveryMs = endedAtMs === null || lastAct === null ? null : endedAtMs - lastAct;
    const isFinished = status === "finished";
    // The cut-off may come before the request of the trial.
    const firstAtMs = Math.min(stage.requestedAtMs ?? requestedAtMs, requestedAtMs);
    const batch = { id, runId: batchRunId(id), status, isFinished, requestedAtMs: firstAtMs, cutOffSeenAtMs };
    return {
      type: "trial",
      fault: fault.id,
      trial,
      seed,
      startedAt,
      isApplied: stage.hasActedBefore(untilMs),
      status,
      endedAtMs: endedAtMs === null ? null : endedAtMs - requestedAtMs,
      recoveryMs,
      requests: sent.length,
      affectedRequests: affected(sent).length,
      repeatedAfter: null,
      nearMisses: [...watch.nearMisses],
      violations: await admin.use((connection) => violationsOf(connection, { batch, recoveryMs, sent, left })),
      marks: stage.marks.map(({ atMs, what }) => ({ atMs: atMs - requestedAtMs, what })),
      holds: cluster.members.flatMap(({ name, proxy }) =>
        proxy.holds.map((hold) => ({
          ...hold,
          member: name,
          fromMs: hold.fromMs - requestedAtMs,
          toMs: hold.toMs - requestedAtMs,
        })),
      ),
      slowRequests: affected(sent).map(({ sentAtMs, endedAtMs: toMs, outcome }) => ({
        fromMs: sentAtMs - requestedAtMs,
        toMs: toMs - requestedAtMs,
        isFailed: outcome === "failed",
      })),
      rounds: await readRounds(parts, id, serverStart, requestedAtMs - serverReadAtMs, watch),
    };
  } finally {
    stage.ended();
    // After an interruption too: the server must run again, and no member stay stopped.
    await injecting?.catch(() => {});
    await traffic.stop();
  }
}
