/** Repetitions after a deadlock or a lock wait that a plug-in hides from the policy of the harness. */
import type { Costs } from "../results/costs-schema.ts";

/** What the server rolled back and the harness did not repeat, the plug-in repeated by itself. */
export function privateRetries(ofHarness: number | undefined, { deadlocks, lockWaitTimeouts }: Costs): number {
  return Math.max(0, (deadlocks ?? 0) + (lockWaitTimeouts ?? 0) - (ofHarness ?? 0));
}

export function privateRetriesWarning(ofHarness: number | undefined, costs: Costs): string | null {
  const own = privateRetries(ofHarness, costs);
  return own === 0
    ? null
    : `the plug-in answered ${own} deadlocks or lock waits by itself; context.retry has the policy of all strategies`;
}
