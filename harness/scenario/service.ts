/** Runs the reference service in a separate process, so that client and service do not share CPU time. */
import type { FromServer, ToServer } from "../../api/messages.ts";
import type { ApiOptions } from "../../api/options.ts";
import { BenchError } from "../../lib/errors.ts";
import { failuresOf, NodeProcess } from "../../lib/node-process.ts";

const PROCESS = new URL("../../api/server-process.ts", import.meta.url);
/** Longer than the service needs to stop a batch. */
const CLOSE_DEADLINE_MS = 20_000;

export interface ServiceProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** How the process ended: `SIGKILL` or `exit code 0`. */
  readonly ended: Promise<string>;
  readMetrics(): Promise<MetricReadings>;
}

export interface ServiceProcessOptions {
  /** receives standard error; absent: the standard error of this process */
  readonly onStderr?: (text: string) => void;
  /** true: the kernel kills the service after this process ended. Without it, a paused service stays. */
  readonly killedWithParent?: boolean;
  /** options of Node and variables for the service, besides those of each process */
  readonly nodeOptions?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
}

/** @throws BenchError SERVICE_FAILED */
export async function startService(
  options: ApiOptions,
  { onStderr, killedWithParent = false, nodeOptions = [], environment = {} }: ServiceProcessOptions = {},
): Promise<ServiceProcess> {
  const stderr = onStderr === undefined ? "inherit" : "pipe";
  const child = new NodeProcess<ToServer, FromServer>(PROCESS, {
    failures: FAILURES,
    stderr,
    killedWithParent,
    nodeOptions,
    environment,
  });
  if (onStderr !== undefined) child.stderr?.setEncoding("utf8").on("data", onStderr);
  let url: string;
  try {
    ({ url } = await child.request({ type: "start", options }, "ready"));
  } catch (error) {
    await child.stop();
    throw error;
  }
  return {
    url,
    pid: child.pid ?? 0,
    ended: child.ended,
    readMetrics: async () => new MetricReadings((await child.request({ type: "read-metrics" }, "metrics")).metrics),
    async [Symbol.asyncDispose]() {
      child.send({ type: "close" });
      await child.stop(CLOSE_DEADLINE_MS);
    },
  };
}

const FAILURES = failuresOf(
  (what) =>
    new BenchError("SERVICE_FAILED", `the reference service ${what}`, "read its message above, then run the command again"),
);

export interface HistogramReading {
  readonly count: number;
  readonly sum: number;
  /** ascending upper bounds, each with the cumulative count */
  readonly buckets: readonly { readonly atMost: number; readonly count: number }[];
}

/** The metrics of the service at one moment. */
export class MetricReadings {
  readonly #metrics: Extract<FromServer, { type: "metrics" }>["metrics"];

  constructor(metrics: Extract<FromServer, { type: "metrics" }>["metrics"]) {
    this.#metrics = metrics;
  }

  #values(name: string) {
    const values = this.#metrics.find((metric) => metric.name === name)?.values ?? [];
    // values of a histogram contain the name of their series
    return values as readonly { value: number; labels: Partial<Record<string, string | number>>; metricName?: string }[];
  }

  /** sum over all series with these labels */
  counter(name: string, labels: Readonly<Record<string, string>> = {}): number {
    const wanted = Object.entries(labels);
    return this.#values(name)
      .filter((series) => wanted.every(([label, value]) => series.labels[label] === value))
      .reduce((sum, { value }) => sum + value, 0);
  }

  histogram(name: string): HistogramReading {
    const of = (series: string) => this.#values(name).filter(({ metricName }) => metricName === `${name}_${series}`);
    return {
      count: of("count")[0]?.value ?? 0,
      sum: of("sum")[0]?.value ?? 0,
      buckets: of("bucket").map(({ labels, value }) => ({
        atMost: labels["le"] === "+Inf" ? Number.POSITIVE_INFINITY : Number(labels["le"]),
        count: value,
      })),
    };
  }
}

/** The growth between two readings. */
export const grown = (before: HistogramReading, after: HistogramReading): HistogramReading => ({
  count: after.count - before.count,
  sum: after.sum - before.sum,
  buckets: after.buckets.map(({ atMost, count }, index) => ({ atMost, count: count - (before.buckets[index]?.count ?? 0) })),
});

/** The upper bound of this fraction of the observations. @returns null without observations, or above all bounds */
export function atMost({ count, buckets }: HistogramReading, fraction: number): number | null {
  if (count === 0) return null;
  const bound = buckets.find((bucket) => bucket.count >= fraction * count)?.atMost;
  return bound === undefined || !Number.isFinite(bound) ? null : bound;
}
