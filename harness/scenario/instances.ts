/** The service of a sample: one instance, or several behind nginx, whose metrics add up. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApiOptions } from "../../api/options.ts";
import { Nginx } from "../cluster/nginx/nginx.ts";
import type { NginxProgram } from "../cluster/nginx/program.ts";
import { startService, type HistogramReading, type MetricReadings, type ServiceProcess } from "./service.ts";

export interface RunningService extends AsyncDisposable {
  /** of nginx, or of the only instance */
  readonly url: string;
  /** sums over all instances */
  readMetrics(): Promise<SummedReadings>;
}

export interface SummedReadings {
  histogram(name: string): HistogramReading;
  counter(name: string, labels?: Readonly<Record<string, string>>): number;
}

/** One instance without nginx, as in scenarios that compare guards. @throws BenchError SERVICE_FAILED */
export async function startOne(options: ApiOptions): Promise<RunningService> {
  const service = await startService(options);
  return {
    url: service.url,
    readMetrics: () => service.readMetrics(),
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}

/** @throws BenchError SERVICE_FAILED, CANNOT_LISTEN, NGINX_FAILED */
export async function startInstances(options: ApiOptions, count: number, program: NginxProgram): Promise<RunningService> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "bench-nginx-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const services: ServiceProcess[] = [];
  for (let index = 0; index < count; index += 1)
    services.push(stack.use(await startService(options, { killedWithParent: true })));
  const upstreams = services.map(({ url }) => new URL(url).host);
  const nginx = stack.use(await Nginx.start({ program, folder, port: 0, upstreams }));
  const owned = stack.move();
  return {
    url: nginx.url,
    readMetrics: async () => summed(await Promise.all(services.map((service) => service.readMetrics()))),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function summed(all: readonly MetricReadings[]): SummedReadings {
  return {
    histogram: (name) => all.map((readings) => readings.histogram(name)).reduce(addHistograms),
    counter: (name, labels) => all.reduce((sum, readings) => sum + readings.counter(name, labels), 0),
  };
}

const addHistograms = (one: HistogramReading, other: HistogramReading): HistogramReading => ({
  count: one.count + other.count,
  sum: one.sum + other.sum,
  // An instance without observations has no buckets.
  buckets: (one.buckets.length >= other.buckets.length ? one : other).buckets.map(({ atMost }, index) => ({
    atMost,
    count: (one.buckets[index]?.count ?? 0) + (other.buckets[index]?.count ?? 0),
  })),
});
