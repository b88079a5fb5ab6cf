/** A running nginx: starts, takes another set of instances without failing a request, and ends in order. */
import { access, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Daemon, stopDaemon, type StopStep } from "../../../lib/daemon.ts";
import { BenchError } from "../../../lib/errors.ts";
import { writing } from "../../../lib/file-errors.ts";
import { lastLines } from "../../../lib/run-program.ts";
import { LOOPBACK, tryListen } from "../../database/ports.ts";
import { childrenOf } from "../../database/processes.ts";
import { nginxConfiguration } from "./configuration.ts";
import { keepsIdleClients, type NginxProgram } from "./program.ts";

const CONFIGURATION_FILE = "nginx.conf";
const PID_FILE = "nginx.pid";
export const LOG_FILE = "error.log";
const TEMPORARY_FOLDER = "tmp";
const POLL_MS = 20;
const START_DEADLINE_MS = 30_000;
/** Longer than workers of the earlier configuration may take. */
const RELOAD_DEADLINE_MS = 60_000;
/** The first grace is for requests in progress. SIGKILL is the last step, because it leaves the workers of nginx running. */
const STOP_STEPS: readonly StopStep[] = [
  { signal: "SIGQUIT", graceMs: 6_000 },
  { signal: "SIGTERM", graceMs: 6_000 },
  { signal: "SIGKILL", graceMs: 1_000 },
];
/** Another program can take a free port before nginx does. */
const START_ATTEMPTS = 3;

export interface NginxOptions {
  readonly program: NginxProgram;
  /** holds configuration, log and temporary files; exclusive to this nginx */
  readonly folder: string;
  /** 0: any free port */
  readonly port: number;
  /** `127.0.0.1:40001` */
  readonly upstreams: readonly string[];
}

export class Nginx implements AsyncDisposable {
  readonly port: number;
  readonly #daemon: Daemon;
  readonly #options: NginxOptions;

  private constructor(daemon: Daemon, port: number, options: NginxOptions) {
    this.#daemon = daemon;
    this.port = port;
    this.#options = options;
  }

  /** How it ended: `exit code 0`, `SIGKILL`, or why it did not start. */
  get ended(): Promise<string> {
    return this.#daemon.ended;
  }

  get pid(): number {
    return this.#daemon.pid ?? 0;
  }

  get url(): string {
    return `http://${LOOPBACK}:${this.port}`;
  }

  /** @throws BenchError CANNOT_LISTEN, NGINX_FAILED */
  static async start(options: NginxOptions): Promise<Nginx> {
    for (let attempt = 1; ; attempt += 1) {
      const port = await requireFreePort(options.port);
      const nginx = new Nginx(await spawnNginx(port, options), port, options);
      try {
        await nginx.#waitUntilReady();
        return nginx;
      } catch (error) {
        nginx.#daemon.kill("SIGKILL");
        const isTaken = error instanceof BenchError && error.code === "CANNOT_LISTEN";
        if (!isTaken || options.port !== 0 || attempt === START_ATTEMPTS) throw error;
      }
    }
  }

  async #waitUntilReady(): Promise<void> {
    const { folder } = this.#options;
    const deadline = performance.now() + START_DEADLINE_MS;
    // nginx writes its pid after it has bound the port
    while (!(await exists(join(folder, PID_FILE))) || (await childrenOf(this.pid)).length === 0) {
      if (this.#daemon.hasEnded || performance.now() > deadline) {
        const said = await endOfLog(folder);
        if (/bind\(\) to .* failed/.test(said)) throw portInUse(this.port);
        const how = this.#daemon.hasEnded ? `ended during its start (${await this.ended})` : "is not ready";
        throw failed(`nginx ${how}:\n${said}`, folder);
      }
      await delay(POLL_MS);
    }
  }

  /**
   * Sends requests to these instances from now on. Resolves after the last request that nginx sent to earlier instances has
   * its answer.
   * @throws BenchError NGINX_FAILED
   */
  async route(upstreams: readonly string[]): Promise<void> {
    const earlier = new Set(await childrenOf(this.pid));
    await writeConfiguration(this.port, { ...this.#options, upstreams });
    this.#daemon.kill("SIGHUP");
    const deadline = performance.now() + RELOAD_DEADLINE_MS;
    for (;;) {
      const now = await childrenOf(this.pid);
      if (now.length > 0 && !now.some((pid) => earlier.has(pid))) return;
      if (this.#daemon.hasEnded || performance.now() > deadline)
        throw failed(`nginx did not take its new configuration:\n${await endOfLog(this.#options.folder)}`, this.#options.folder);
      await delay(POLL_MS);
    }
  }

  /** Refuses new connections, answers the requests in progress, and ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    const daemon = this.#daemon;
    await stopDaemon({ kill: (signal) => daemon.kill(signal), hasEnded: () => daemon.hasEnded }, STOP_STEPS);
  }
}

const portInUse = (port: number): BenchError =>
  new BenchError(
    "CANNOT_LISTEN",
    `cannot listen on ${LOOPBACK}:${port}: another program uses the port, or this user may not use it`,
    "choose another --port; --port 0 takes any free port",
  );

/**
 * @param port 0: any free one
 * @returns a port that is free at this moment
 * @throws BenchError CANNOT_LISTEN
 */
export async function requireFreePort(port: number): Promise<number> {
  const free = await tryListen(port);
  if (free === null) throw portInUse(port);
  return free;
}

const failed = (message: string, folder: string): BenchError =>
  new BenchError("NGINX_FAILED", message, `read its log: ${join(folder, LOG_FILE)}`);

const endOfLog = async (folder: string): Promise<string> =>
  lastLines(await readFile(join(folder, LOG_FILE), "utf8").catch(() => ""));

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

async function writeConfiguration(port: number, { folder, program, upstreams }: NginxOptions): Promise<void> {
  // As root, nginx runs its workers as another user, who may not enter the private folder.
  const user = process.getuid?.() === 0 ? userInfo().username : null;
  const text = nginxConfiguration({
    listen: `${LOOPBACK}:${port}`,
    upstreams,
    resolver: null,
    keepsIdleClients: keepsIdleClients(program),
    user,
    files: { pid: PID_FILE, log: LOG_FILE, temporary: `${TEMPORARY_FOLDER}/` },
  });
  const path = join(folder, CONFIGURATION_FILE);
  await writing(path, writeFile(`${path}.new`, text, { mode: 0o600 }));
  await rename(`${path}.new`, path);
}

async function spawnNginx(port: number, options: NginxOptions): Promise<Daemon> {
  const { folder, program } = options;
  await writing(folder, mkdir(join(folder, TEMPORARY_FOLDER), { recursive: true, mode: 0o700 }));
  for (const file of [PID_FILE, LOG_FILE]) await rm(join(folder, file), { force: true });
  await writeConfiguration(port, options);
  const args = [...program.leadingArguments, "-p", folder, "-c", CONFIGURATION_FILE, "-e", LOG_FILE];
  return await Daemon.start(program.command, args, { endsWithParent: true });
}
