/** The values that a history can follow. A new metric is a new entry. */
import type { SampleRecord } from "../results/records.ts";
import { count, duration, mebibytes } from "../text/format.ts";

/** The unit of an axis. */
interface Unit {
  readonly name: string;
  /** in ms or bytes, as the records hold the values */
  readonly size: number;
}

export interface Metric {
  /** for the head of a table and the axis of a chart */
  readonly title: string;
  readonly of: (sample: SampleRecord) => number | null;
  readonly show: (value: number | null) => string;
  /** for an axis with these values: raw ones read as 104857600; null: a number without a unit */
  readonly unitOf: (values: readonly number[]) => Unit | null;
  /**
   * true: the server counts it, so a different value of a calm sample is a change without any test. false: noise needs a test
   */
  readonly isExact: boolean;
}

const MS_PER_S = 1_000;
const ofTime = (values: readonly number[]): Unit =>
  Math.max(...values) < MS_PER_S ? { name: "ms", size: 1 } : { name: "s", size: MS_PER_S };

export const METRICS = {
  wall: { title: "time", of: ({ wallMs }) => wallMs, show: duration, unitOf: ofTime, isExact: false },
  statements: {
    title: "statements",
    // a repeated transaction sends more statements with the same code
    of: ({ statements, retries }) => (retries === 0 ? statements : null),
    show: count,
    unitOf: () => null,
    isExact: true,
  },
  cpu: {
    title: "CPU time of the client",
    of: ({ clientCpuMs }) => clientCpuMs,
    show: duration,
    unitOf: ofTime,
    isExact: false,
  },
  rss: {
    title: "peak memory",
    of: ({ peakRssBytes }) => peakRssBytes,
    show: mebibytes,
    unitOf: () => ({ name: "MiB", size: 2 ** 20 }),
    isExact: false,
  },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof METRICS;
export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];
