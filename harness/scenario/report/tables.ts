/** Heads and rows of the tables in api.md. */
import { count, decimal, duration, percent, times, UNKNOWN } from "../../text/format.ts";
import { PHASES } from "../records.ts";
import type { VariantSummary } from "../summary.ts";
import { batchName } from "../variant.ts";
import { byFrequency, guardName, latencyText, percentilesText, withRequests } from "./phrases.ts";

export const LATENCY_HEAD = [
  "batch",
  "guard",
  "phase",
  "requests",
  "reads",
  "applied",
  "accepted",
  "until applied",
  "failed",
  "errors",
  "goodput",
  "pool wait p99",
  "lock waits",
  "deadlocks",
];

export function latencyRows(summaries: readonly VariantSummary[]): string[][] {
  return summaries.filter(withRequests).flatMap((summary) =>
    PHASES.map((phase) => {
      const found = summary.phases?.[phase];
      const { latencies } = found ?? {};
      return [
        batchName(summary.variant.batch),
        guardName(summary),
        phase,
        count(found?.sent ?? null),
        percentilesText(latencies?.read),
        percentilesText(latencies?.applied),
        percentilesText(latencies?.accepted),
        percentilesText(found?.untilApplied),
        percentilesText(latencies?.failed),
        percent(found?.errorRate ?? null),
        found?.goodputPerSecond == null ? UNKNOWN : `${decimal(found.goodputPerSecond, 0)}/s`,
        found?.poolWaitP99AtMostMs == null ? UNKNOWN : `≤ ${duration(found.poolWaitP99AtMostMs)}`,
        count(found?.rowLockWaits ?? null),
        count(found?.deadlocks ?? null),
      ];
    }),
  );
}

export const BATCH_HEAD = [
  "batch",
  "guard",
  "batch time",
  "to batch only",
  "selecting users",
  "users owned, mean time, longest",
  "users deferred",
  "until applied (p50 / p95 / p99 / max)",
  "most rows locked",
  "longest transaction",
  "conflicts",
];

/** `29,825, 5.49 s, ≤ 30.0 s`: number, mean, and the bucket bound of the longest. */
function owned(users: VariantSummary["ownedUsers"]): string {
  if (users === null) return UNKNOWN;
  const longest = users.atMostMs === null ? UNKNOWN : `≤ ${duration(users.atMostMs)}`;
  return [count(users.count), duration(users.meanMs), longest].join(", ");
}

export const batchRows = (summaries: readonly VariantSummary[]): string[][] =>
  summaries.map((summary) => [
    batchName(summary.variant.batch),
    guardName(summary),
    duration(summary.batchMs),
    times(summary.slowDown),
    duration(summary.selectingMs),
    owned(summary.ownedUsers),
    count(summary.deferredUsers),
    percentilesText(summary.untilApplied),
    count(summary.mostRowsLocked),
    duration(summary.longestTransactionMs),
    String(summary.conflicts),
  ]);

export const MEMBER_HEAD = [
  "batch",
  "guard",
  "batch time",
  "to the fewest instances",
  "members",
  "users per member",
  "rounds",
  "empty rounds",
  "failed rounds",
  "longest time between commits",
  "statements per round",
  "hints outlast a round (p99)",
  "writes applied after their round",
];

export const memberRows = (summaries: readonly VariantSummary[]): string[][] =>
  summaries.flatMap((summary) => {
    const { cluster } = summary;
    if (cluster === null) return [];
    return [
      [
        batchName(summary.variant.batch),
        guardName(summary),
        duration(summary.batchMs),
        times(cluster.toFewest),
        count(cluster.members),
        `${count(cluster.fewestUsers)} to ${count(cluster.mostUsers)}`,
        count(Math.round(cluster.rounds)),
        percent(cluster.emptyFraction),
        count(cluster.failedRounds),
        duration(cluster.longestGapMs),
        decimal(cluster.statementsPerRound, 1),
        cluster.hintLagP99AtMostMs === null ? UNKNOWN : `≤ ${duration(cluster.hintLagP99AtMostMs)}`,
        percentilesText(cluster.appliedAfterRound),
      ],
    ];
  });

export const DISTURBANCE_HEAD = [
  "batch",
  "guard",
  "users of the lost partition",
  "first of them written after",
  "promised",
  "last of them written after",
  "rows of its round free after",
  "batch time to undisturbed",
];

export const disturbanceRows = (summaries: readonly VariantSummary[]): string[][] =>
  summaries.flatMap((summary) => {
    const disturbance = summary.cluster?.disturbance;
    if (disturbance == null) return [];
    return [
      [
        batchName(summary.variant.batch),
        guardName(summary),
        count(disturbance.lostPartitionUsers),
        duration(disturbance.firstCommitMs),
        disturbance.firstCommitLimitMs === null ? UNKNOWN : `≤ ${duration(disturbance.firstCommitLimitMs)}`,
        duration(disturbance.lastCommitMs),
        duration(disturbance.rowsFreeMs),
        times(disturbance.toUndisturbed),
      ],
    ];
  });

/** The time of a technique beside its effect on requests. */
export const HARM_HEAD = [
  "technique",
  "guard",
  "batch time",
  "to batch only",
  "reads p99",
  "writes p99",
  "errors",
  "most rows locked",
  "longest transaction",
  "lock waits",
];

export const harmRows = (summaries: readonly VariantSummary[]): string[][] =>
  summaries
    .filter((summary) => withRequests(summary) && summary.variant.batch.technique !== null)
    .map((summary) => {
      const during = summary.phases?.during;
      return [
        batchName(summary.variant.batch),
        guardName(summary),
        duration(summary.batchMs),
        times(summary.slowDown),
        latencyText(during?.latencies.read),
        latencyText(during?.latencies.applied),
        percent(during?.errorRate ?? null),
        count(summary.mostRowsLocked),
        duration(summary.longestTransactionMs),
        count(during?.rowLockWaits ?? null),
      ];
    });

export const FAILURE_HEAD = ["batch", "guard", "phase", "cause", "requests", "of all"];

/** Includes the phases before and after the batch, whose failures the batch does not cause. */
export const failureRows = (summaries: readonly VariantSummary[]): string[][] =>
  summaries.flatMap((summary) =>
    PHASES.flatMap((phase) => {
      const { failures = {}, sent = 0 } = summary.phases?.[phase] ?? {};
      return byFrequency(failures).map(([kind, many]) => [
        batchName(summary.variant.batch),
        guardName(summary),
        phase,
        kind,
        count(many),
        percent(many / sent),
      ]);
    }),
  );
