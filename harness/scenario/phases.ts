/** Summarizes a phase of a run: the requests that were due in it, and the growth of counters between its ends. */
import { resultOf, type HistoryEntry } from "../../consistency/index.ts";
import { quantile } from "../statistics/quantiles.ts";
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
  const accepted = own.filter(({ outcome }) => outcome === "accepted");
  const untilApplied = accepted.flatMap(({ write }) => (write === null ? [] : (appliedAfterMs.get(write.token) ?? [])));
  const lateMs = own.map(({ intendedAtMs, sentAtMs }) => sentAtMs - intendedAtMs);
  const failures: Record<string, number> = {};
  for (const { failure, outcome, write, reuse } of own) {
    if (outcome !== "failed" || failure === null) continue;
    // guards never refuse reads, so failures of reads and writes need separate counts
    const what = reuse !== null ? "reuse" : write === null ? "read" : write.isReplay ? "replay" : write.kind;
    const kind = `${what}/${failure}`;
    failures[kind] = (failures[kind] ?? 0) + 1;
  }
  return {
    durationMs: to.atMs - from.atMs,
    sent: own.length,
    latencies: Object.fromEntries(
      OUTCOMES.map((outcome) => [outcome, storeLatencies(latenciesOf(outcome))]),
    ) as PhaseRecord["latencies"],
    generatorLate: lateMs.length === 0 ? null : { p99Ms: quantile(lateMs, P99) ?? 0, maxMs: Math.max(...lateMs) },
    retries: own.reduce((sum, { write }) => sum + (write === null ? 0 : write.attempts.length - 1), 0),
    untilApplied: storeLatencies(untilApplied),
    failures,
    poolWait: poolWaitOf(from, to),
    rowLockWaits: difference(from.locks.rowLockWaits, to.locks.rowLockWaits),
    deadlocks: difference(from.locks.deadlocks, to.locks.deadlocks),
  };
}

/** The history for the consistency checker: one entry per key, with all that the client sent and saw under this key. */
export function historyOf(sent: readonly SentRequest[]): HistoryEntry[] {
  const writes = sent.flatMap(({ userId, write }) => (write === null ? [] : [{ ...write, userId }]));
  const reuses = Map.groupBy(
    sent.flatMap(({ reuse }) => reuse ?? []),
    ({ token }) => token,
  );
  const reads = Map.groupBy(
    sent.flatMap(({ ownRead }) => ownRead ?? []),
    ({ token }) => token,
  );
  return [...Map.groupBy(writes, ({ token }) => token)].flatMap(([token, own]) => {
    const [first] = own;
    if (first === undefined) return [];
    const { userId, kind, body } = first;
    const attempts = own.flatMap((write) => write.attempts).toSorted((one, other) => one.sentAtMs - other.sentAtMs);
    const more = {
      attempts,
      reuses: (reuses.get(token) ?? []).map(({ token: _token, ...reuse }) => reuse),
      reads: (reads.get(token) ?? []).map(({ read }) => read),
    };
    return [{ token, userId, kind, body, sentAtMs: attempts[0]?.sentAtMs ?? 0, ...resultOf(attempts), ...more } as HistoryEntry];
  });
}

export function deferredUsers(sent: readonly SentRequest[], from: Mark, to: Mark): number {
  const users = sent
    .filter(({ intendedAtMs, write }) => write?.isReplay === false && intendedAtMs >= from.atMs && intendedAtMs < to.atMs)
    .filter(({ outcome }) => outcome === "accepted" || outcome === "failed")
    .map(({ userId }) => userId);
  return new Set(users).size;
}
