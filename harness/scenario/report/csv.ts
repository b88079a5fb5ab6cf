/** Renders api.csv; column names contain units. */
import { stringify } from "csv-stringify/sync";
import { csvNumber, serverName } from "../../text/format.ts";
import { OUTCOMES } from "../load-messages.ts";
import { disturbanceOf } from "../disturbances/registry.ts";
import { PHASES, type ScenarioResults } from "../records.ts";
import { summariseScenario } from "../summary.ts";
import { byFrequency, whyLate } from "./phrases.ts";

/** One row per variant, phase and outcome. */
export function scenarioCsv(results: ScenarioResults): string {
  const { dataset, environment, ratePerSecond, startedAt } = results.scenario;
  const { machine, server } = environment;
  const conditions = {
    users: dataset.users,
    dormant_users: dataset.dormantUsers,
    orders: dataset.orders,
    requests_per_s: csvNumber(ratePerSecond),
    server: serverName(server.version),
    machine: machine.name,
    cpu: machine.cpu,
    cores: machine.cores,
    date: startedAt.slice(0, "2026-01-01".length),
  };
  const rows = summariseScenario(results).flatMap((summary) =>
    PHASES.flatMap((phase) =>
      OUTCOMES.map((outcome) => {
        const found = summary.phases?.[phase];
        const latencies = found?.latencies[outcome];
        const { style, chunkUsers, pauseMs, technique, workers, parallel, split, instances, disturbance } = summary.variant.batch;
        const { cluster } = summary;
        return {
          run_id: results.scenario.runId,
          guard: summary.variant.guard ?? "",
          batch_style: style,
          technique: technique ?? "",
          // empty: the batch of the service, or one worker
          workers: csvNumber(technique === null ? null : workers),
          parallel: workers === 1 ? "" : (parallel ?? "threads"),
          split: workers === 1 ? "" : (split ?? "range"),
          chunk_users: csvNumber(chunkUsers),
          pause_ms: csvNumber(pauseMs),
          // behind nginx; empty: one instance without nginx
          instances: csvNumber(instances),
          disturbance: disturbance === null ? "" : disturbanceOf(disturbance).describe(disturbance),
          phase,
          outcome,
          requests: csvNumber(latencies?.count ?? (found === undefined ? null : 0)),
          p50_ms: csvNumber(latencies?.p50Ms),
          p95_ms: csvNumber(latencies?.p95Ms),
          p99_ms: csvNumber(latencies?.p99Ms),
          max_ms: csvNumber(latencies?.maxMs),
          // why a row with requests has no latencies
          latencies_unknown_because: whyLate(found) ?? "",
          generator_late_p99_ms: csvNumber(found?.generatorLateP99Ms),
          retries: csvNumber(found?.retries),
          phase_ms: csvNumber(found?.durationMs),
          phase_requests: csvNumber(found?.sent),
          error_rate: csvNumber(found?.errorRate),
          // of the whole phase: `shed:12 pool-timeout:3`
          failures: byFrequency(found?.failures ?? {})
            .map(([kind, many]) => `${kind}:${many}`)
            .join(" "),
          goodput_per_s: csvNumber(found?.goodputPerSecond),
          pool_wait_p99_at_most_ms: csvNumber(found?.poolWaitP99AtMostMs),
          phase_until_applied_p50_ms: csvNumber(found?.untilApplied?.p50Ms),
          phase_until_applied_p95_ms: csvNumber(found?.untilApplied?.p95Ms),
          phase_until_applied_p99_ms: csvNumber(found?.untilApplied?.p99Ms),
          phase_until_applied_max_ms: csvNumber(found?.untilApplied?.maxMs),
          row_lock_waits: csvNumber(found?.rowLockWaits),
          deadlocks: csvNumber(found?.deadlocks),
          batch_ms: csvNumber(summary.batchMs),
          batch_to_alone: csvNumber(summary.slowDown),
          most_rows_locked: csvNumber(summary.mostRowsLocked),
          longest_transaction_ms: csvNumber(summary.longestTransactionMs),
          users_owned: csvNumber(summary.ownedUsers?.count),
          user_owned_mean_ms: csvNumber(summary.ownedUsers?.meanMs),
          user_owned_at_most_ms: csvNumber(summary.ownedUsers?.atMostMs),
          users_deferred: csvNumber(summary.deferredUsers),
          until_applied_p99_ms: csvNumber(summary.untilApplied?.p99Ms),
          conflicts: csvNumber(summary.conflicts),
          batch_to_fewest_instances: csvNumber(cluster?.toFewest),
          member_users_min: csvNumber(cluster?.fewestUsers),
          member_users_max: csvNumber(cluster?.mostUsers),
          rounds: csvNumber(cluster?.rounds),
          empty_rounds_fraction: csvNumber(cluster?.emptyFraction),
          failed_rounds: csvNumber(cluster?.failedRounds),
          longest_commit_gap_ms: csvNumber(cluster?.longestGapMs),
          statements_per_round: csvNumber(cluster?.statementsPerRound),
          hint_lag_p99_at_most_ms: csvNumber(cluster?.hintLagP99AtMostMs),
          applied_after_round_p99_ms: csvNumber(cluster?.appliedAfterRound?.p99Ms),
          lost_partition_users: csvNumber(cluster?.disturbance?.lostPartitionUsers),
          lost_partition_first_commit_ms: csvNumber(cluster?.disturbance?.firstCommitMs),
          lost_partition_first_commit_limit_ms: csvNumber(cluster?.disturbance?.firstCommitLimitMs),
          lost_partition_last_commit_ms: csvNumber(cluster?.disturbance?.lastCommitMs),
          paused_rows_free_ms: csvNumber(cluster?.disturbance?.rowsFreeMs),
          ...conditions,
        };
      }),
    ),
  );
  return stringify(rows, { header: true });
}
