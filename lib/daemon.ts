/** Starts and ends mysqld, mariadbd and nginx. */
import { spawn, type ChildProcess } from "node:child_process";
import { open } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { endingWithParent } from "./end-with-parent.ts";
import { WITHOUT_SECRETS } from "./secrets.ts";

const POLL_MS = 25;

export interface DaemonOptions {
  /** receives standard output and standard error; absent: the daemon writes its log itself */
  readonly log?: string;
  /** false: the daemon serves later commands too. On a system without setpriv it also outlives a killed parent. */
  readonly endsWithParent: boolean;
}

export class Daemon {
  /** How it ended: `exit code 0`, `SIGKILL`, or why it did not start. */
  readonly ended: Promise<string>;
  readonly #process: ChildProcess;
  #hasEnded = false;

  private constructor(child: ChildProcess) {
    this.#process = child;
    const { promise: ended, resolve } = Promise.withResolvers<string>();
    this.ended = ended;
    const onEnd = (how: string): void => {
      this.#hasEnded = true;
      resolve(how);
    };
    child.once("exit", (code, signal) => onEnd(signal ?? `exit code ${code}`));
    child.once("error", (error) => onEnd(error.message));
  }

  /** A program that the system cannot start has no pid. */
  static async start(program: string, args: readonly string[], { log, endsWithParent }: DaemonOptions): Promise<Daemon> {
    const [command, ...leading] = endsWithParent ? endingWithParent("TERM", program) : [program];
    const file = log === undefined ? null : await open(log, "a", 0o600);
    try {
      const child = spawn(command, [...leading, ...args], {
        // A separate session: Ctrl-C signals only bench, which ends the daemon in order.
        detached: true,
        stdio: ["ignore", file?.fd ?? "ignore", file?.fd ?? "ignore"],
        // Other programs of this user can read the environment of a daemon, for as long as it runs.
        env: { ...process.env, ...WITHOUT_SECRETS },
      });
      if (!endsWithParent) child.unref();
      return new Daemon(child);
    } finally {
      await file?.close();
    }
  }

  get pid(): number | null {
    return this.#process.pid ?? null;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }
}

export interface StopStep {
  readonly signal: NodeJS.Signals;
  /** for the end of the daemon after this signal */
  readonly graceMs: number;
}

/** A daemon of this process, or of an earlier one. */
export interface Stoppable {
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly hasEnded: () => boolean | Promise<boolean>;
}

/**
 * Sends each signal in turn, until the daemon has ended.
 * @returns false if the daemon still runs after the last one
 */
export async function stopDaemon({ kill, hasEnded }: Stoppable, steps: readonly StopStep[]): Promise<boolean> {
  for (const { signal, graceMs } of steps) {
    if (await hasEnded()) return true;
    kill(signal);
    const deadline = performance.now() + graceMs;
    while (performance.now() < deadline && !(await hasEnded())) await delay(POLL_MS);
  }
  return await hasEnded();
}
