/** The service of a sample: one instance, or several behind nginx, whose metrics add up. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApiOptions } from "../../api/options.ts";
import { Nginx } from "../cluster/nginx/nginx.ts";
import type { Instances } from "./disturbances/disturbance.ts";
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

/** Instances behind nginx, with what a disturbance may do to them. */
export interface RunningInstances extends RunningService, Instances {
  /** the URL under which a member is registered */
  urlOf(index: number): string;
}

/** @throws BenchError SERVICE_FAILED, CANNOT_LISTEN, NGINX_FAILED */
export async function startInstances(options: ApiOptions, count: number, program: NginxProgram): Promise<RunningInstances> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "bench-nginx-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const instances = stack.use(new InstanceGroup(options));
  await instances.start(count);
  const nginx = stack.use(await Nginx.start({ program, folder, port: 0, upstreams: instances.upstreams }));
  instances.routeBy(nginx);
  // In the reverse order at the end: nginx first.
  const owned = stack.move();
  return {
    url: nginx.url,
    get count() {
      return instances.count;
    },
    urlOf: (index) => instances.at(index).url,
    kill: (index) => instances.kill(index),
    pause: (index) => instances.pause(index),
    resume: () => instances.resume(),
    scale: (to) => instances.scale(to),
    readMetrics: () => instances.readMetrics(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

class InstanceGroup implements AsyncDisposable {
  readonly #options: ApiOptions;
  #nginx: Nginx | null = null;
  #services: ServiceProcess[] = [];
  readonly #paused = new Set<ServiceProcess>();
  readonly #killed = new Set<ServiceProcess>();
  /** the last readings of instances that have left */
  readonly #left: MetricReadings[] = [];

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  async start(count: number): Promise<void> {
    const starting = Array.from({ length: count }, () => startService(this.#options, { killedWithParent: true }));
    const results = await Promise.allSettled(starting);
    this.#services.push(...results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : [])));
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  routeBy(nginx: Nginx): void {
    this.#nginx = nginx;
  }

  get count(): number {
    return this.#services.length;
  }

  get upstreams(): string[] {
    return this.#services.map(({ url }) => new URL(url).host);
  }

  at(index: number): ServiceProcess {
    const service = this.#services[index];
    if (service === undefined) throw new Error(`the scenario has no instance ${index}`);
    return service;
  }

  /** nginx keeps it among its upstreams, as after a crash. */
  async kill(index: number): Promise<void> {
    const service = this.at(index);
    this.#killed.add(service);
    process.kill(service.pid, "SIGKILL");
    await service.ended;
  }

  pause(index: number): void {
    const service = this.at(index);
    this.#paused.add(service);
    process.kill(service.pid, "SIGSTOP");
  }

  resume(): void {
    for (const { pid } of this.#paused) process.kill(pid, "SIGCONT");
    this.#paused.clear();
  }

  async scale(to: number): Promise<void> {
    await this.start(Math.max(0, to - this.count));
    const leaving = this.#services.splice(to);
    try {
      await this.#nginx?.route(this.upstreams);
      for (const service of leaving) this.#left.push(await service.readMetrics());
    } finally {
      await Promise.all(leaving.map((service) => service[Symbol.asyncDispose]()));
    }
  }

  /** Without killed instances, whose counts are lost. */
  async readMetrics(): Promise<SummedReadings> {
    const living = this.#services.filter((service) => !this.#killed.has(service));
    return summed([...this.#left, ...(await Promise.all(living.map((service) => service.readMetrics())))]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.resume();
    await Promise.all(this.#services.map((service) => service[Symbol.asyncDispose]()));
  }
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
