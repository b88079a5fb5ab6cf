/** Hand-written records of scenarios, for tests of summaries and reports. */
import { storeLatencies } from "../../harness/scenario/latency.ts";
import { OUTCOMES, type Outcome } from "../../harness/scenario/load-messages.ts";
import type { ApiSampleRecord, PhaseRecord, ScenarioResults } from "../../harness/scenario/records.ts";
import { summariseScenario, type VariantSummary } from "../../harness/scenario/summary.ts";
import { ONE_WORKER, variantId, type BatchChoice, type Variant } from "../../harness/scenario/variant.ts";
import { recordedRun } from "../support/records.ts";

export const LONG: BatchChoice = {
  style: "long",
  chunkUsers: null,
  pauseMs: 0,
  technique: null,
  ...ONE_WORKER,
  instances: null,
  disturbance: null,
};
export const CHUNKED: BatchChoice = {
  style: "chunked",
  chunkUsers: 500,
  pauseMs: 0,
  technique: null,
  ...ONE_WORKER,
  instances: null,
  disturbance: null,
};

/** Number and equal latency of the requests of each outcome. */
export type Requests = Partial<Record<Outcome, readonly [count: number, ms: number]>>;

export function phase(requests: Requests = {}, parts: Partial<PhaseRecord> = {}): PhaseRecord {
  const counted = Object.values(requests).map(([count]) => count);
  return {
    durationMs: 10_000,
    sent: counted.reduce((sum, count) => sum + count, 0),
    latencies: Object.fromEntries(
      OUTCOMES.map((outcome) => {
        const [count, ms] = requests[outcome] ?? [0, 0];
        return [outcome, storeLatencies(Array.from({ length: count }, () => ms))];
      }),
    ) as PhaseRecord["latencies"],
    generatorLate: null,
    retries: null,
    untilApplied: null,
    failures: {},
    poolWait: { count: 0, meanMs: null, p99AtMostMs: null },
    rowLockWaits: 0,
    deadlocks: 0,
    ...parts,
  };
}

export const CONFLICT = { rule: "badges-final", says: "a badge shows the last word", count: 2, examples: ["badge 1 of user 7"] };
export const verdict = (conflicts: (typeof CONFLICT)[] = []): ApiSampleRecord["verdict"] => ({
  consistent: conflicts.length === 0,
  writes: 10,
  rules: ["badges-final"],
  conflicts,
});

export type Parts = Partial<ApiSampleRecord> & { readonly during?: PhaseRecord };

/** @param guard null: the batch without requests */
export function sample(guard: string | null, batch: BatchChoice, { during = phase(), ...parts }: Parts = {}): ApiSampleRecord {
  return {
    type: "sample",
    startedAt: "2026-11-01T10:00:00.000Z",
    variant: { id: variantId(guard, batch), guard, batch },
    round: 1,
    status: "ok",
    reason: null,
    quiesceMs: 500,
    beforeBatchMs: 11_500,
    batchMs: 1_000,
    selectingMs: 100,
    targets: 100,
    ownedUsers: null,
    deferredUsers: null,
    cluster: null,
    mostRowsLocked: null,
    longestTransactionMs: null,
    phases: guard === null ? null : { before: phase(), during, after: phase() },
    untilApplied: null,
    acceptedEnds: {},
    generatorLateP99Ms: null,
    verdict: verdict(),
    warnings: [],
    ...parts,
  };
}

/** A scenario with the variants of its samples. */
export function scenarioOf(...samples: ApiSampleRecord[]): ScenarioResults {
  const variants = new Map<string, Variant>(samples.map(({ variant }) => [variant.id, variant]));
  return {
    scenario: {
      type: "scenario",
      title: null,
      version: 1,
      runId: "100000-api-test",
      startedAt: "2026-11-01T10:00:00.000Z",
      rounds: 1,
      seed: 1,
      ratePerSecond: 200,
      quietMs: 10_000,
      clientTimeoutMs: 60_000,
      clientRetries: null,
      service: { poolConnections: 10, poolWaitMs: 1_000, maxInFlight: 128 },
      dataset: { users: 30_000, orders: 1_000_000, dormantUsers: 70_000, dataSeed: 1 },
      variants: [...variants.values()],
      environment: recordedRun([], []).run.environment,
      notes: [],
    },
    samples,
    how: "complete",
  };
}

export function summaryOf(guard: string | null, ...samples: ApiSampleRecord[]): VariantSummary {
  const found = summariseScenario(scenarioOf(...samples)).find(({ variant }) => variant.guard === guard);
  if (found === undefined) throw new Error(`no variant has the guard ${guard ?? "null"}`);
  return found;
}
