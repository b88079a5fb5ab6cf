/** Requests beside a technique: figures of `bench api run`, for a batch by the same technique and library. */
import { NO_GUARD, summariseScenario } from "../scenario/summary.ts";
import type { ScenarioResults } from "../scenario/records.ts";
import type { Candidate } from "./candidate.ts";

export interface StoredScenario {
  readonly folder: string;
  readonly results: ScenarioResults;
}

export interface Beside {
  readonly folder: string;
  readonly ratePerSecond: number;
  readonly users: number;
  readonly errorRate: number | null;
  /** of reads, and of writes that took effect at once */
  readonly readsP99Ms: number | null;
  readonly writesP99Ms: number | null;
  readonly rowLockWaits: number | null;
}

/** `bench api run` runs its techniques with this key. */
const SERVICE_KEY = "identity";

/**
 * Requests without a guard: a guard hides the harm of the batch. Every axis has to agree: 6 workers hold the locks of 6 transactions, and
 * their figures stood beside a technique with 1 worker.
 */
export function besideOf(scenarios: readonly StoredScenario[], { summary: { cell } }: Candidate): Beside[] {
  return scenarios.flatMap(({ folder, results }) =>
    summariseScenario(results).flatMap(({ variant: { guard, batch }, failed, phases }): Beside[] => {
      const isSame =
        batch.technique === `${cell.strategy}/${cell.orm}` &&
        batch.chunkUsers === cell.chunkUsers &&
        batch.workers === cell.workers &&
        batch.parallel === cell.parallel &&
        batch.split === cell.split &&
        cell.key === SERVICE_KEY &&
        batch.instances === null &&
        guard === NO_GUARD;
      if (!isSame || failed.length > 0 || phases === null) return [];
      const { latencies, errorRate, rowLockWaits } = phases.during;
      return [
        {
          folder,
          ratePerSecond: results.scenario.ratePerSecond,
          users: results.scenario.dataset.users,
          errorRate,
          readsP99Ms: latencies.read?.p99Ms ?? null,
          writesP99Ms: latencies.applied?.p99Ms ?? null,
          rowLockWaits,
        },
      ];
    }),
  );
}
