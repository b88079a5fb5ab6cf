/** The members behind nginx. They stay up between trials. */
import { setTimeout as delay } from "node:timers/promises";
import type { ApiOptions } from "../../api/options.ts";
import { BenchError } from "../../lib/errors.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { Nginx } from "../cluster/nginx/nginx.ts";
import type { NginxProgram } from "../cluster/nginx/program.ts";
import type { Admin } from "./admin.ts";
import type { Leaving } from "./fault.ts";
import { readBeats } from "./heartbeats.ts";
import { ChaosMember } from "./member.ts";

const POLL_MS = 20;
const COMPLETE_DEADLINE_MS = 60_000;

export interface ClusterParts {
  readonly options: ApiOptions;
  /** the server with the account of the service */
  readonly upstream: () => ConnectionTarget;
  readonly admin: Admin;
  readonly nginx: NginxProgram;
  /** of nginx and of the clocks of the members, exclusive */
  readonly folder: string;
  /** of every trial at its start */
  readonly members: number;
}

function crashOf(member: ChaosMember): string[] {
  const how = member.takeCrash();
  return how === null ? [] : [`${member.name} ended by itself: ${how}`];
}

export class ChaosCluster implements AsyncDisposable {
  readonly #parts: ClusterParts;
  readonly #members: ChaosMember[] = [];
  #nginx: Nginx | null = null;
  #routed: readonly string[] = [];
  #scaling: Promise<void> = Promise.resolve();
  /** of members that have left */
  readonly #crashes: string[] = [];

  private constructor(parts: ClusterParts) {
    this.#parts = parts;
  }

  /** @throws BenchError SERVICE_FAILED, NGINX_FAILED, CANNOT_LISTEN */
  static async start(parts: ClusterParts): Promise<ChaosCluster> {
    await using stack = new AsyncDisposableStack();
    const cluster = stack.use(new ChaosCluster(parts));
    await cluster.#grow(parts.members);
    cluster.#routed = cluster.#hosts;
    cluster.#nginx = await Nginx.start({ program: parts.nginx, folder: parts.folder, port: 0, upstreams: cluster.#routed });
    stack.move();
    return cluster;
  }

  get members(): readonly ChaosMember[] {
    return this.#members;
  }

  get url(): string {
    return this.#nginx?.url ?? "";
  }

  get options(): ApiOptions {
    return this.#parts.options;
  }

  get #hosts(): string[] {
    return this.#members.map(({ host }) => host);
  }

  async #grow(to: number): Promise<void> {
    const { options, upstream, folder } = this.#parts;
    const first = this.#members.length;
    const starting = Array.from({ length: Math.max(0, to - first) }, (_, index) =>
      ChaosMember.start(`member ${first + index + 1}`, options, upstream, folder),
    );
    const started = await Promise.allSettled(starting);
    for (const result of started) if (result.status === "fulfilled") this.#members.push(result.value);
    const failed = started.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  /** One line per member whose process ended without a fault since the last call, also of those that have left. */
  takeCrashes(): string[] {
    return [...this.#crashes.splice(0), ...this.#members.flatMap(crashOf)];
  }

  async #route(): Promise<void> {
    const hosts = this.#hosts;
    if (hosts.join() === this.#routed.join()) return;
    await this.#nginx?.route(hosts);
    this.#routed = hosts;
  }

  /** New members join; those that leave finish their round and their requests. @param by negative: the last members leave */
  async scaleBy(by: number, leaving: Leaving = {}): Promise<void> {
    await this.#scale(() => this.#members.length + by, leaving);
  }

  /** @param target computed when earlier changes are done: two faults of a trial may both change the number */
  async #scale(target: () => number, leaving: Leaving = {}): Promise<void> {
    this.#scaling = this.#scaling.catch(() => {}).then(() => this.#scaleTo(Math.max(1, target()), leaving));
    await this.#scaling;
  }

  async #scaleTo(to: number, { everyMs = 0, onLeft = () => {} }: Leaving): Promise<void> {
    await this.#grow(to);
    const members = this.#members.splice(to);
    for (const member of members) member.isExpected = false;
    const leave = async (member: ChaosMember, index: number): Promise<void> => {
      await delay(index * everyMs);
      await member[Symbol.asyncDispose]();
      this.#crashes.push(...crashOf(member));
      onLeft(member);
    };
    try {
      await this.#route();
    } finally {
      // Also if nginx fails: these members are in no list any more, and would stay.
      await Promise.all(members.map(leave));
    }
  }

  /**
   * Before a trial: every member runs, and each of them counts all of them.
   * @throws BenchError SERVICE_FAILED
   */
  async heal(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#members.map((member) => member.heal()));
    await this.#scale(() => this.#parts.members);
    const deadline = performance.now() + COMPLETE_DEADLINE_MS;
    while (!(await this.#isComplete())) {
      signal.throwIfAborted();
      if (performance.now() > deadline)
        throw new BenchError(
          "SERVICE_FAILED",
          "the members did not all join within 60 s",
          "run the command again on a quieter machine",
        );
      await delay(POLL_MS);
    }
    // The next poll of each member reads the same view.
    await delay(2 * this.#parts.options.pollMs);
  }

  async #isComplete(): Promise<boolean> {
    const { leaseMs } = this.#parts.options;
    const live = (await readBeats(this.#parts.admin)).filter(({ ageMs }) => ageMs < leaseMs).map(({ address }) => address);
    return (
      live.toSorted().join() ===
      this.#members
        .map(({ url }) => url)
        .toSorted()
        .join()
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#nginx?.[Symbol.asyncDispose]();
    await Promise.all(this.#members.map((member) => member[Symbol.asyncDispose]()));
  }
}
