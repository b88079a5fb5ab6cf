/** The error of a trace that did not show a correct renewal. */
import { BenchError } from "../../lib/errors.ts";
import type { PlannedCell } from "../plan/planned-cell.ts";

/**
 * On a busy machine, the renewal of one user exceeded the 5 s of Prisma's transactions: the fix names the same cell with the library's
 * settings for long batches. No name of a cell contains the path of a plug-in, so a plug-in has no such fix.
 */
export function traceFailed({ cell, orm, paths }: PlannedCell, why: string, fix?: string): BenchError {
  const canTune = orm.tuned !== undefined && cell.track === "default" && paths.strategy === null && paths.orm === null;
  const tuned = canTune ? `trace ${cell.id}/track=tuned, or ` : "";
  return new BenchError("TRACE_FAILED", `${cell.id}: ${why}`, fix ?? `${tuned}run the same cell with bench run for more details`);
}
