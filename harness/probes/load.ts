/** Warns about a busy machine: other programs lengthen the time of a sample. */
import os from "node:os";
import { decimal } from "../text/format.ts";

/**
 * Call it before bench itself causes load.
 * @param loadAverage of the last minute; 0 on a system without load average
 * @returns null at a load average up to the number of cores
 */
export function loadWarning(
  loadAverage: number = os.loadavg()[0] ?? 0,
  cores: number = os.availableParallelism(),
): string | null {
  return loadAverage <= cores
    ? null
    : `the load average is ${decimal(loadAverage, 1)} on ${cores} cores: other programs use this machine, so times will be too long`;
}
