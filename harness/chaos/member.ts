/** One member of the cluster: a process of the service, whose connections to the server pass through its proxy. */
import type { ApiOptions } from "../../api/options.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { startService, type ServiceProcess } from "../scenario/service.ts";
import { Proxy } from "./proxy/proxy.ts";

export class ChaosMember implements AsyncDisposable {
  /** `member 1` */
  readonly name: string;
  readonly proxy: Proxy;
  /** the address under which the member registers; the same after a restart */
  readonly url: string;
  readonly #options: ApiOptions;
  #service: ServiceProcess;
  #state: "up" | "stopped" | "dead" = "up";
  /** false: a fault keeps its heartbeat from the server */
  isExpected = true;

  private constructor(name: string, proxy: Proxy, options: ApiOptions, service: ServiceProcess) {
    this.name = name;
    this.proxy = proxy;
    this.url = service.url;
    this.#options = { ...options, port: Number(new URL(service.url).port) };
    this.#service = service;
  }

  /** @param upstream the server with the account of the service. @throws BenchError SERVICE_FAILED */
  static async start(name: string, options: ApiOptions, upstream: () => ConnectionTarget): Promise<ChaosMember> {
    await using stack = new AsyncDisposableStack();
    const proxy = stack.use(await Proxy.start(upstream));
    const own = { ...options, target: proxy.target };
    const member = new ChaosMember(name, proxy, own, await startService(own, { killedWithParent: true }));
    stack.move();
    return member;
  }

  get state(): "up" | "stopped" | "dead" {
    return this.#state;
  }

  get host(): string {
    return new URL(this.url).host;
  }

  /** SIGKILL. The kernel closes the connections, also those that the proxy holds. */
  async kill(): Promise<void> {
    if (this.#state === "dead") return;
    this.isExpected = false;
    this.#state = "dead";
    process.kill(this.#service.pid, "SIGKILL");
    await this.#service.ended;
    this.proxy.cutAll();
  }

  /** SIGSTOP. The connections stay open. */
  stop(): void {
    if (this.#state !== "up") return;
    this.isExpected = false;
    this.#state = "stopped";
    process.kill(this.#service.pid, "SIGSTOP");
  }

  continue(): void {
    if (this.#state !== "stopped") return;
    this.#state = "up";
    process.kill(this.#service.pid, "SIGCONT");
  }

  /** Ready for the next trial: a dead member is replaced. @throws BenchError SERVICE_FAILED */
  async heal(): Promise<void> {
    this.continue();
    if (this.#state === "dead") this.#service = await startService(this.#options, { killedWithParent: true });
    this.#state = "up";
    this.isExpected = true;
  }

  /** Closes in order, and leaves the cluster. */
  async leave(): Promise<void> {
    if (this.#state === "dead") return;
    this.continue();
    this.isExpected = false;
    this.#state = "dead";
    await this.#service[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
    await this.proxy[Symbol.asyncDispose]();
  }
}
