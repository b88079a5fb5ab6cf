/** The values that a history can follow. A new metric is a new entry. */
import type { SampleRecord } from "../results/records.ts";
import { count, duration, mebibytes } from "../text/format.ts";

export interface Metric {
  /** for the head of a table and the axis of a chart */
  readonly title: string;
  readonly of: (sample: SampleRecord) => number | null;
  readonly show: (value: number | null) => string;
  /**
   * true: the server counts it, so a different value of a calm sample is a change without any test. false: noise needs a test
   */
  readonly isExact: boolean;
}

export const METRICS = {
  wall: { title: "time", of: ({ wallMs }) => wallMs, show: duration, isExact: false },
  statements: {
    title: "statements",
    // a repeated transaction sends more statements with the same code
    of: ({ statements, retries }) => (retries === 0 ? statements : null),
    show: count,
    isExact: true,
  },
  cpu: { title: "CPU time of the client", of: ({ clientCpuMs }) => clientCpuMs, show: duration, isExact: false },
  rss: { title: "peak memory", of: ({ peakRssBytes }) => peakRssBytes, show: mebibytes, isExact: false },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof METRICS;
export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];
