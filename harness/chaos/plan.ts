import type { Fault } from "./fault.ts";
import type { TrialRecord } from "./records.ts";

export interface PlannedTrial {
  readonly fault: Fault;
  /** from 1 */
  readonly trial: number;
}

/** Trial 1 of each fault, then trial 2: an interruption leaves some trials of every fault. */
export function planTrials(faults: readonly Fault[], trials: number): PlannedTrial[] {
  return Array.from({ length: trials }, (_, index) => faults.map((fault) => ({ fault, trial: index + 1 }))).flat();
}

export const isTaken = (taken: readonly TrialRecord[], { fault, trial }: PlannedTrial): boolean =>
  taken.some((record) => record.fault === fault.id && record.trial === trial);
