/** Whether the machine is busy already: what others compute while a sample runs is in its time. */
import os from "node:os";

/**
 * Asked before anything of ours has begun to work.
 * @param loadAverage of the last minute; 0 where the system keeps none
 * @returns null when there is nothing to warn of
 */
export function loadWarning(
  loadAverage: number = os.loadavg()[0] ?? 0,
  cores: number = os.availableParallelism(),
): string | null {
  return loadAverage <= cores
    ? null
    : `the load average is ${loadAverage.toFixed(1)} on ${cores} cores: others work on this machine, and times will be too long`;
}
