import type { SampleRecord } from "./records.ts";

/** Samples with a time; empty for a cell with a failed sample, because one wrong result invalidates the cell. */
export const timedSamples = (samples: readonly SampleRecord[]): SampleRecord[] =>
  samples.some(({ status }) => status === "failed") ? [] : samples.filter(({ wallMs }) => wallMs !== null);

/** The samples that describe a cell: complete ones and estimates of stopped ones never mix. */
export function describing(samples: readonly SampleRecord[]): readonly SampleRecord[] {
  if (samples.some(({ status }) => status === "failed")) return samples;
  const complete = samples.filter(({ status }) => status === "ok");
  const stopped = samples.filter(({ status }) => status === "timed-out");
  if (stopped.length === 0) return samples;
  return complete.length > stopped.length ? complete : stopped;
}
