import { BenchError } from "../../lib/errors.ts";
import type { ChaosResults } from "./records.ts";

/** @throws BenchError CHAOS_FAILED if a trial violated an invariant */
export function requireHeld({ chaos: { seed, partitioning }, trials }: Pick<ChaosResults, "chaos" | "trials">): void {
  const failed = trials.filter(({ violations }) => violations.length > 0);
  const [first] = failed;
  if (first === undefined) return;
  throw new BenchError(
    "CHAOS_FAILED",
    `${failed.length} of ${trials.length} trials violated an invariant, first ${first.fault}:${first.trial}: ${first.violations.map(({ invariant }) => invariant).join(", ")}`,
    `run that trial again: bench chaos --seed ${seed} --partitioning ${partitioning} --replay ${first.fault}:${first.trial}`,
  );
}
