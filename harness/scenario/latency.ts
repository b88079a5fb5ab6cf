/** Stores latencies as histograms with three significant digits, which can be merged and give any percentile. */
import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, type Histogram } from "hdr-histogram-js";

const US_PER_MS = 1_000;
const PERCENT = 100;

export interface StoredLatencies {
  readonly count: number;
  readonly maxMs: number;
  /** HdrHistogram, compressed, base64; in microseconds */
  readonly histogram: string;
}

const emptyHistogram = (): Histogram =>
  build({ lowestDiscernibleValue: 1, numberOfSignificantValueDigits: 3, autoResize: true, bitBucketSize: 64 });

/** @returns null for an empty list */
export function storeLatencies(valuesMs: readonly number[]): StoredLatencies | null {
  if (valuesMs.length === 0) return null;
  const histogram = emptyHistogram();
  for (const ms of valuesMs) histogram.recordValue(Math.max(1, Math.round(ms * US_PER_MS)));
  const maxMs = valuesMs.reduce((highest, ms) => Math.max(highest, ms), 0);
  return { count: valuesMs.length, maxMs, histogram: encodeIntoCompressedBase64(histogram) };
}

export interface Percentiles {
  readonly count: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Percentiles of several runs together. @returns null without any latency */
export function percentiles(stored: readonly (StoredLatencies | null)[]): Percentiles | null {
  const some = stored.filter((each) => each !== null);
  if (some.length === 0) return null;
  const merged = emptyHistogram();
  for (const { histogram } of some) merged.add(decodeFromCompressedBase64(histogram));
  const maxMs = Math.max(...some.map((each) => each.maxMs));
  // the upper bound of a bucket can exceed the maximum
  const at = (fraction: number): number => Math.min(maxMs, merged.getValueAtPercentile(fraction * PERCENT) / US_PER_MS);
  return { count: merged.totalCount, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), maxMs };
}
