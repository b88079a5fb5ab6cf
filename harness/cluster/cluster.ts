/**
 * The instances and the nginx before them. Instances that end are not started again: `status` shows them as dead, and `scale`
 * replaces them.
 */
import type { ApiOptions } from "../../api/options.ts";
import { BenchError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { clusterCommand, nginxFolderOf } from "./files.ts";
import type { SignalName } from "./control/commands.ts";
import { Instance } from "./instance.ts";
import { Nginx } from "./nginx/nginx.ts";
import type { NginxProgram } from "./nginx/program.ts";
import { readStatus, type ClusterStatus } from "./status.ts";

/** Each instance holds up to about 25 connections of a server that accepts 300. */
export const MAX_INSTANCES = 10;

export interface ClusterOptions {
  readonly name: string;
  readonly instances: number;
  /** the port of nginx; 0: any free one */
  readonly port: number;
  /** the same for all instances; each listens on a free port */
  readonly service: ApiOptions;
}

export class Cluster implements AsyncDisposable {
  readonly #options: ClusterOptions;
  readonly #nginx: Nginx;
  readonly #log: Log;
  #instances: Instance[];
  #isClosing = false;
  /** the change in progress: two at once would write one configuration over the other */
  #change: Promise<unknown> = Promise.resolve();

  private constructor(options: ClusterOptions, nginx: Nginx, instances: Instance[], log: Log) {
    this.#options = options;
    this.#nginx = nginx;
    this.#instances = instances;
    this.#log = log;
    for (const instance of instances) void this.#watch(instance);
  }

  /** @throws BenchError SERVICE_FAILED, CANNOT_LISTEN, NGINX_FAILED */
  static async start(options: ClusterOptions, program: NginxProgram, log: Log): Promise<Cluster> {
    const instances = await startAll(options, firstFree([], options.instances));
    try {
      const upstreams = instances.map(({ address }) => address);
      const folder = nginxFolderOf(options.name);
      const nginx = await Nginx.start({ program, folder, port: options.port, upstreams });
      return new Cluster(options, nginx, instances, log);
    } catch (error) {
      await closeAll(instances);
      throw error;
    }
  }

  get url(): string {
    return this.#nginx.url;
  }

  /** How nginx ended; without nginx there is no cluster. */
  get nginxEnded(): Promise<string> {
    return this.#nginx.ended;
  }

  async status(): Promise<ClusterStatus> {
    const { name, service } = this.#options;
    return await readStatus({ name, url: this.url }, this.#instances, service);
  }

  /** Starts or ends instances until so many run. nginx gets a new one after its start, and loses an old one before its end. */
  async scale(to: number): Promise<void> {
    if (to > MAX_INSTANCES)
      throw new BenchError("BAD_OPTION", `cannot run ${to} instances: at most ${MAX_INSTANCES} fit`, "lower --to");
    await this.#serially(async () => {
      const live = this.#instances.filter(({ state }) => state !== "dead");
      const started = await startAll(this.#options, firstFree(live, to - live.length));
      for (const instance of started) void this.#watch(instance);
      const all = [...live, ...started].toSorted((a, b) => a.number - b.number);
      const [kept, leaving] = [all.slice(0, to), all.slice(to)];
      const isSame = kept.length === this.#instances.length && kept.every((instance) => this.#instances.includes(instance));
      if (isSame) return;
      try {
        await this.#nginx.route(kept.map(({ address }) => address));
      } catch (error) {
        await closeAll(started);
        throw error;
      }
      this.#instances = kept;
      await closeAll(leaving);
    });
  }

  /** @throws BenchError UNKNOWN_NAME, and BAD_OPTION for a dead instance */
  async signal(number: number, signal: SignalName): Promise<void> {
    await this.#serially(async () => {
      const instance = this.#instances.find((each) => each.number === number);
      if (instance === undefined)
        throw unknownInstance(
          number,
          this.#instances.map((each) => each.number),
        );
      if (instance.state === "dead")
        throw new BenchError(
          "BAD_OPTION",
          `cannot ${signal} instance ${number}: it is dead`,
          `replace it with \`${clusterCommand("scale --to <n>", this.#options.name)}\``,
        );
      await instance[signal]();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    await this.#change;
    await this.#nginx[Symbol.asyncDispose]();
    await closeAll(this.#instances);
  }

  async #watch(instance: Instance): Promise<void> {
    const how = await instance.ended;
    if (!this.#isClosing && this.#instances.includes(instance)) this.#log.warn(`instance ${instance.number} ended: ${how}`);
  }

  async #serially<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#change.then(() => {
      if (this.#isClosing) throw new BenchError("NO_CLUSTER", "the cluster is ending", "start one with `bench api cluster up`");
      return work();
    });
    this.#change = result.catch(() => undefined);
    return await result;
  }
}

export const unknownInstance = (number: number, known: readonly number[]): BenchError =>
  new BenchError(
    "UNKNOWN_NAME",
    `no instance has the number ${number}`,
    known.length === 0 ? "start a cluster with `bench api cluster up`" : `use one of ${known.join(", ")}`,
  );

/** The lowest numbers that no living instance has. */
function firstFree(living: readonly Instance[], count: number): number[] {
  const used = new Set(living.map(({ number }) => number));
  const free = Array.from({ length: MAX_INSTANCES }, (_, index) => index + 1).filter((number) => !used.has(number));
  return free.slice(0, Math.max(0, count));
}

/** Starts all or none. */
async function startAll({ name, service }: ClusterOptions, numbers: readonly number[]): Promise<Instance[]> {
  const results = await Promise.allSettled(numbers.map((number) => Instance.start(name, number, service)));
  const started = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const failure = results.find((result) => result.status === "rejected");
  if (failure === undefined) return started;
  await closeAll(started);
  throw failure.reason;
}

async function closeAll(instances: readonly Instance[]): Promise<void> {
  await Promise.all(instances.map((instance) => instance.close()));
}
