import type { SampleRecord } from "./records.ts";

/** Samples with a time; empty for a cell with a failed sample, because one wrong result invalidates the cell. */
export const timedSamples = (samples: readonly SampleRecord[]): SampleRecord[] =>
  samples.some(({ status }) => status === "failed") ? [] : samples.filter(({ wallMs }) => wallMs !== null);
