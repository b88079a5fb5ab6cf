/** Repetitions after a deadlock or a lock wait that a plug-in hides from the policy of the harness. */
import type { Costs } from "../results/costs-schema.ts";

/** @returns the number of rollbacks of the server that no retry of the harness answered: the plug-in repeated their work */
export function privateRetries(ofHarness: number | undefined, { deadlocks, lockWaitTimeouts }: Costs): number {
  return Math.max(0, (deadlocks ?? 0) + (lockWaitTimeouts ?? 0) - (ofHarness ?? 0));
}

export function privateRetriesWarning(ofHarness: number | undefined, costs: Costs): string | null {
  const own = privateRetries(ofHarness, costs);
  return own === 0
    ? null
    : `the plug-in hid ${own} deadlocks or lock waits from the retry policy: it repeated the work without context.retry. Wrap its transactions in context.retry.`;
}
