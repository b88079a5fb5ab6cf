/** Summarizes a phase of a run: the requests that were due in it, and the growth of counters between its ends. */
import type { HistoryEntry } from "../../consistency/index.ts";
import { storeLatencies } from "./latency.ts";
import { OUTCOMES, type Outcome, type SentRequest } from "./load-messages.ts";
import type { PhaseRecord } from "./records.ts";
import { atMost, grown, type HistogramReading } from "./service.ts";
import type { LockCounters } from "./watch.ts";

const P99 = 0.99;

/** A moment between two phases with the counters at that time. */
export interface Mark {
  readonly atMs: number;
  readonly poolWait: HistogramReading;
  readonly locks: LockCounters;
}

function poolWaitOf(from: Mark, to: Mark): PhaseRecord["poolWait"] {
  const waits = grown(from.poolWait, to.poolWait);
  const p99 = atMost(waits, P99);
  return {
    count: waits.count,
    meanMs: waits.count === 0 ? null : (waits.sum * 1_000) / waits.count,
    p99AtMostMs: p99 === null ? null : p99 * 1_000,
  };
}

const difference = (from: number | null, to: number | null): number | null => (from === null || to === null ? null : to - from);

/** @param appliedAfterMs ms from acceptance to effect, by the token of an accepted write */
export function phaseOf(
  sent: readonly SentRequest[],
  appliedAfterMs: ReadonlyMap<string, number>,
  from: Mark,
  to: Mark,
): PhaseRecord {
  const own = sent.filter(({ intendedAtMs }) => intendedAtMs >= from.atMs && intendedAtMs < to.atMs);
  const latenciesOf = (outcome: Outcome): number[] =>
    own.filter((request) => request.outcome === outcome).map(({ intendedAtMs, endedAtMs }) => endedAtMs - intendedAtMs);
  const untilApplied = own.flatMap(({ write }) => (write === null ? [] : (appliedAfterMs.get(write.token) ?? [])));
  const failures: Record<string, number> = {};
  for (const { failure, outcome, write } of own) {
    if (outcome !== "failed" || failure === null) continue;
    // guards never refuse reads, so failures of reads and writes need separate counts
    const kind = `${write === null ? "read" : write.kind}/${failure}`;
    failures[kind] = (failures[kind] ?? 0) + 1;
  }
  return {
    durationMs: to.atMs - from.atMs,
    sent: own.length,
    latencies: Object.fromEntries(
      OUTCOMES.map((outcome) => [outcome, storeLatencies(latenciesOf(outcome))]),
    ) as PhaseRecord["latencies"],
    untilApplied: storeLatencies(untilApplied),
    failures,
    poolWait: poolWaitOf(from, to),
    rowLockWaits: difference(from.locks.rowLockWaits, to.locks.rowLockWaits),
    deadlocks: difference(from.locks.deadlocks, to.locks.deadlocks),
  };
}

/** The history for the consistency checker, which takes only writes. */
export const historyOf = (sent: readonly SentRequest[]): HistoryEntry[] =>
  sent.flatMap(({ userId, sentAtMs, answeredAtMs, write }) =>
    write === null ? [] : [{ ...write, userId, sentAtMs, answeredAtMs } as HistoryEntry],
  );

export function usersPutOff(sent: readonly SentRequest[], from: Mark, to: Mark): number {
  const users = sent
    .filter(({ intendedAtMs, write }) => write !== null && intendedAtMs >= from.atMs && intendedAtMs < to.atMs)
    .filter(({ outcome }) => outcome === "accepted" || outcome === "failed")
    .map(({ userId }) => userId);
  return new Set(users).size;
}
