/** One member of the cluster: a process of the service, whose connections to the server pass through its proxy. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ApiOptions } from "../../api/options.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { startService, type ServiceProcess } from "../scenario/service.ts";
import { CLOCK_FILE_VARIABLE, CLOCK_MODULE, CLOCK_SIGNAL } from "./clock/variables.ts";
import { Proxy } from "./proxy/proxy.ts";

const ORDERLY = "exit code 0";

export class ChaosMember implements AsyncDisposable {
  /** `member 1` */
  readonly name: string;
  readonly proxy: Proxy;
  /** the address under which the member registers; the same after a restart */
  readonly url: string;
  readonly #options: ApiOptions;
  readonly #clockFile: string;
  #clockMs = 0;
  #service: ServiceProcess;
  #state: "up" | "stopped" | "dead" = "up";
  #crash: string | null = null;
  /** false: a fault keeps its heartbeat from the server */
  isExpected = true;

  private constructor(name: string, proxy: Proxy, options: ApiOptions, clockFile: string, service: ServiceProcess) {
    this.name = name;
    this.proxy = proxy;
    this.url = service.url;
    this.#options = { ...options, port: Number(new URL(service.url).port) };
    this.#clockFile = clockFile;
    this.#service = this.#watched(service);
  }

  /**
   * @param upstream the server with the account of the service
   * @param folder for the file that shifts the clock of the member
   * @throws BenchError SERVICE_FAILED
   */
  static async start(name: string, options: ApiOptions, upstream: () => ConnectionTarget, folder: string): Promise<ChaosMember> {
    await using stack = new AsyncDisposableStack();
    const proxy = stack.use(await Proxy.start(upstream));
    const own = { ...options, target: proxy.target };
    const clockFile = join(folder, `${name.replace(" ", "-")}.clock`);
    const member = new ChaosMember(name, proxy, own, clockFile, await startMember(own, clockFile));
    stack.move();
    return member;
  }

  get state(): "up" | "stopped" | "dead" {
    return this.#state;
  }

  get pid(): number {
    return this.#service.pid;
  }

  get host(): string {
    return new URL(this.url).host;
  }

  /** How the process ended without a fault, or against a request to close, such as `exit code 1`, since the last call; null: it did not. */
  takeCrash(): string | null {
    const crash = this.#crash;
    this.#crash = null;
    return crash;
  }

  #watched(service: ServiceProcess): ServiceProcess {
    void this.#awaitCrash(service);
    return service;
  }

  async #awaitCrash(service: ServiceProcess): Promise<void> {
    const how = await service.ended;
    if (this.#state !== "dead" && service === this.#service) this.#crashed(how);
  }

  #crashed(how: string): void {
    this.#crash = how;
    this.isExpected = false;
    this.#state = "dead";
    this.proxy.cutAll();
  }

  /** @returns false: the process has ended by itself. Without the check, ESRCH would end the trial and hide the crash. */
  #signal(signal: NodeJS.Signals): boolean {
    try {
      return process.kill(this.#service.pid, signal);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
      throw error;
    }
  }

  /** SIGKILL. The kernel closes the connections, also those that the proxy holds. */
  async kill(): Promise<void> {
    if (this.#state === "dead") return;
    this.isExpected = false;
    this.#state = "dead";
    this.#signal("SIGKILL");
    const how = await this.#service.ended;
    if (how !== "SIGKILL") this.#crashed(how);
    this.proxy.cutAll();
  }

  /** SIGSTOP. The connections stay open. */
  stop(): void {
    if (this.#state !== "up" || !this.#signal("SIGSTOP")) return;
    this.isExpected = false;
    this.#state = "stopped";
  }

  continue(): void {
    if (this.#state !== "stopped") return;
    this.#state = "up";
    this.#signal("SIGCONT");
  }

  /** Shifts the wall clock of the process. @param ms after the clock of this machine; negative: before it */
  async shiftClock(ms: number): Promise<void> {
    this.#clockMs = ms;
    if (this.#state === "dead") return;
    await writeFile(this.#clockFile, String(ms));
    this.#signal(CLOCK_SIGNAL);
  }

  /** Ready for the next trial: a dead member is replaced. @throws BenchError SERVICE_FAILED */
  async heal(): Promise<void> {
    this.continue();
    if (this.#state === "dead") this.#service = this.#watched(await startMember(this.#options, this.#clockFile));
    else if (this.#clockMs !== 0) await this.shiftClock(0);
    this.#clockMs = 0;
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
    const how = await this.#service.ended;
    // A service that fails in its orderly close, or hangs until SIGKILL, is what scaling in must find.
    if (how !== ORDERLY) this.#crash = how;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
    await this.proxy[Symbol.asyncDispose]();
  }
}

const startMember = (options: ApiOptions, clockFile: string): Promise<ServiceProcess> =>
  startService(options, {
    killedWithParent: true,
    nodeOptions: ["--import", CLOCK_MODULE.href],
    environment: { [CLOCK_FILE_VARIABLE]: clockFile },
  });
