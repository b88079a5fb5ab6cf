/** Takes a sample again when the clocks of the measured process and of `bench` differ, as on a machine that stalled. */
import type { PlannedCell } from "../plan/planned-cell.ts";
import type { SampleResult } from "../results/records.ts";
import { takeSample, type SamplingContext } from "./sampler.ts";

export interface RunIds {
  readonly jobRunId: number;
  /** @returns an id that no other sample of the run has */
  readonly nextRunId: () => number;
}

/**
 * Of 2,700 samples beside ten busy processes per core, one was refused: its last message arrived half a second late. Code that
 * forges its time does so in each sample, and the repeated sample must pass the same check.
 */
const MAX_REPEATS = 2;

/** @returns the first sample whose clocks agree, or the last one. Its warnings name the refused samples. */
export async function takeConfirmed(planned: PlannedCell, ids: RunIds, context: SamplingContext): Promise<SampleResult> {
  let { result, clocksDiffer } = await takeSample(planned, ids.jobRunId, context);
  const refused: string[] = [];
  while (clocksDiffer && refused.length < MAX_REPEATS) {
    const warning = `repeated: ${result.reason}`;
    refused.push(warning);
    context.onWarning(warning);
    ({ result, clocksDiffer } = await takeSample(planned, ids.nextRunId(), context));
  }
  return { ...result, warnings: [...refused, ...result.warnings] };
}
