/** Renders api.csv; column names contain units. */
import { stringify } from "csv-stringify/sync";
import { OUTCOMES } from "../load-messages.ts";
import { PHASES, type ScenarioResults } from "../records.ts";
import { summariseScenario } from "../summary.ts";
import { byFrequency } from "./format.ts";

const number = (value: number | null | undefined): string => (value == null ? "" : String(Number(value.toFixed(3))));

/** One row per variant, phase and outcome. */
export function scenarioCsv(results: ScenarioResults): string {
  const rows = summariseScenario(results).flatMap((summary) =>
    PHASES.flatMap((phase) =>
      OUTCOMES.map((outcome) => {
        const found = summary.phases?.[phase];
        const latencies = found?.latencies[outcome];
        const { style, chunkUsers, pauseMs, technique } = summary.variant.batch;
        return {
          run_id: results.scenario.runId,
          guard: summary.variant.guard ?? "",
          batch_style: style,
          technique: technique ?? "",
          chunk_users: number(chunkUsers),
          pause_ms: number(pauseMs),
          phase,
          outcome,
          requests: number(latencies?.count ?? (found === undefined ? null : 0)),
          p50_ms: number(latencies?.p50Ms),
          p95_ms: number(latencies?.p95Ms),
          p99_ms: number(latencies?.p99Ms),
          max_ms: number(latencies?.maxMs),
          phase_ms: number(found?.durationMs),
          phase_requests: number(found?.sent),
          error_rate: number(found?.errorRate),
          // of the whole phase: `shed:12 pool-timeout:3`
          failures: byFrequency(found?.failures ?? {})
            .map(([kind, many]) => `${kind}:${many}`)
            .join(" "),
          goodput_per_s: number(found?.goodputPerSecond),
          pool_wait_p99_at_most_ms: number(found?.poolWaitP99AtMostMs),
          phase_until_applied_p50_ms: number(found?.untilApplied?.p50Ms),
          phase_until_applied_p95_ms: number(found?.untilApplied?.p95Ms),
          phase_until_applied_p99_ms: number(found?.untilApplied?.p99Ms),
          phase_until_applied_max_ms: number(found?.untilApplied?.maxMs),
          row_lock_waits: number(found?.rowLockWaits),
          deadlocks: number(found?.deadlocks),
          batch_ms: number(summary.batchMs),
          batch_to_alone: number(summary.slowDown),
          most_rows_locked: number(summary.mostRowsLocked),
          longest_transaction_ms: number(summary.longestTransactionMs),
          users_owned: number(summary.ownedUsers?.count),
          user_owned_mean_ms: number(summary.ownedUsers?.meanMs),
          user_owned_at_most_ms: number(summary.ownedUsers?.atMostMs),
          users_put_off: number(summary.usersPutOff),
          until_applied_p99_ms: number(summary.untilApplied?.p99Ms),
          conflicts: number(summary.conflicts),
        };
      }),
    ),
  );
  return stringify(rows, { header: true });
}
