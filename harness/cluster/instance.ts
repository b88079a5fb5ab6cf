/** One instance of the service: a process with a number, a log and a state. */
import { createWriteStream, type WriteStream } from "node:fs";
import type { ApiOptions } from "../../api/options.ts";
import { startService, type ServiceProcess } from "../scenario/service.ts";
import { instanceLog } from "./files.ts";

export type InstanceState = "running" | "paused" | "dead";

export class Instance {
  readonly number: number;
  readonly url: string;
  readonly pid: number;
  readonly startedAt = new Date();
  /** resolves when the process ends, for whatever reason */
  readonly ended: Promise<string>;
  readonly #service: ServiceProcess;
  readonly #log: WriteStream;
  #state: InstanceState = "running";

  private constructor(number: number, service: ServiceProcess, log: WriteStream) {
    this.number = number;
    this.url = service.url;
    this.pid = service.pid;
    this.#service = service;
    this.#log = log;
    this.#note(`process ${service.pid} listens on ${service.url}`);
    this.ended = service.ended.then((how) => {
      this.#state = "dead";
      this.#note(`process ${service.pid} ended: ${how}`);
      log.end();
      return how;
    });
  }

  /** @throws BenchError SERVICE_FAILED */
  static async start(cluster: string, number: number, options: ApiOptions): Promise<Instance> {
    const log = createWriteStream(instanceLog(cluster, number), { flags: "a", mode: 0o600 });
    // a full disk below the log must not end the cluster
    log.on("error", () => {});
    try {
      const onStderr = (text: string): void => void log.write(text);
      return new Instance(number, await startService(options, { onStderr, killedWithParent: true }), log);
    } catch (error) {
      log.end();
      throw error;
    }
  }

  get state(): InstanceState {
    return this.#state;
  }

  /** `127.0.0.1:40001` */
  get address(): string {
    return new URL(this.url).host;
  }

  /** Ends the process without a chance to answer or to leave. */
  async kill(): Promise<void> {
    this.#send("SIGKILL");
    await this.ended;
  }

  pause(): void {
    this.#send("SIGSTOP");
    this.#state = "paused";
    this.#note("paused");
  }

  resume(): void {
    this.#send("SIGCONT");
    this.#state = "running";
    this.#note("resumed");
  }

  /** Answers the requests in progress, finishes the round, and ends. */
  async close(): Promise<void> {
    if (this.#state === "dead") return;
    // a paused process would not see the request to close
    if (this.#state === "paused") this.resume();
    await this.#service[Symbol.asyncDispose]();
    await this.ended;
  }

  #send(signal: NodeJS.Signals): void {
    // after the end of the process, another one may have its pid
    if (this.#state !== "dead") process.kill(this.pid, signal);
  }

  #note(what: string): void {
    if (!this.#log.writableEnded) this.#log.write(`${new Date().toISOString()} bench: instance ${this.number}: ${what}\n`);
  }
}
