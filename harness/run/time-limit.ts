/** A run that ends after a time: its finished samples count, and `--resume` measures the rest. */
import { clockMs } from "../../lib/clock.ts";
import { BenchError } from "../../lib/errors.ts";
import type { RunResults, SampleRecord } from "../results/records.ts";
import { duration } from "../text/format.ts";
import { executeRun, type RunOptions, type RunRequest } from "./runner.ts";

export interface TimeLimit {
  /** from the call, with the load of the data */
  readonly limitMs: number;
  /** Without a sample that satisfies it, the run was in vain. Absent: any sample */
  readonly isUseful?: (sample: SampleRecord) => boolean;
  /** the end of the warning after a limited run, as "the table has the finished samples" */
  readonly effect: string;
}

/**
 * The sample in flight at the limit is lost, like after Ctrl-C.
 * @throws BenchError NOTHING_MEASURED if the limit leaves no useful sample
 */
export async function executeWithin(
  { limitMs, isUseful = () => true, effect }: TimeLimit,
  request: RunRequest,
  { signal, ...options }: RunOptions,
): Promise<RunResults> {
  // an integer: AbortSignal.timeout refuses 1.5 ms
  const limit = AbortSignal.timeout(Math.ceil(limitMs));
  const tooLate = (cause?: unknown): BenchError =>
    new BenchError(
      "NOTHING_MEASURED",
      `the time limit of ${duration(limitMs)} ended the run before a complete sample`,
      "raise --time-limit; the loaded data makes the next start shorter",
      cause,
    );
  try {
    const results = await executeRun(request, {
      ...options,
      signal: AbortSignal.any([signal, limit]),
      endsAtMs: clockMs() + limitMs,
    });
    signal.throwIfAborted();
    // the limit can pass after the last sample
    if (results.end?.how === "complete") return results;
    if (!results.samples.some(isUseful)) throw tooLate();
    options.log.warn(`the time limit of ${duration(limitMs)} ended the run: ${effect}`);
    return results;
  } catch (error) {
    // the prompt turns each end of its signal into an interruption
    const isOfLimit = !(error instanceof BenchError) || error.code === "INTERRUPTED";
    if (limit.aborted && !signal.aborted && isOfLimit) throw tooLate(error);
    throw error;
  }
}
