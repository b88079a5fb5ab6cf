/** Starts and controls a measuring process: sends messages, waits for answers, and ends the process reliably. */
import { fork, spawnSync, type ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { PlannedCell } from "../plan/planned-cell.ts";
import { PACKAGES_VARIABLE } from "../packages/hook.ts";
import { movedPackages } from "../packages/package-set.ts";
import type { FromChild, ToChild } from "../protocol.ts";
import { TREE_URL } from "../registry.ts";

const HOOK = new URL("../packages/hook.ts", import.meta.url).href;

/** Node strips no types below node_modules, where an installed bench lies. Worker threads get these options too. */
const stripTypes = (treeUrl: string): string[] =>
  treeUrl.includes("/node_modules/") ? ["--import", new URL("bin/strip-types.mjs", treeUrl).href] : [];
/** The measured process uses a separate account and must not see the password of the harness. */
const WITHOUT_PASSWORDS = {
  BENCH_DATABASE_URL: undefined,
  BENCH_DATABASE_PASSWORD: undefined,
  BENCH_DATABASE_PASSWORD_FILE: undefined,
};
/** The last output of a crashing library often contains the reason; this limits the memory for it. */
const MAX_STDERR_CHARS = 16_000;
/** Output can arrive after the exit event. */
const LAST_WORDS_MS = 1_000;
/** The measured process inherits only the memory limit: colours or a debugger would affect the measurement. */
const MEMORY_OPTIONS = process.env["NODE_OPTIONS"]?.match(/--max[-_]old[-_]space[-_]size=\d+/g)?.join(" ") ?? "";
/** Lines and headings of native and JavaScript stack traces. */
const STACK_LINE = /^(\d+: |at |\[\w+:|-----|<---)/;

/**
 * setpriv (util-linux) makes the kernel kill the child after its parent ended. Without setpriv the child notices its closed
 * channel, but not while a strategy computes without a pause.
 */
const END_WITH_PARENT = ["setpriv", "--pdeathsig", "KILL", "--"] as const;
let canEndWithParent: boolean | null = null;

/** @returns true on a system with setpriv: Debian and Ubuntu have it, macOS and Alpine do not */
export function endsWithParent(): boolean {
  canEndWithParent ??= spawnSync(END_WITH_PARENT[0], [...END_WITH_PARENT.slice(1), "true"]).status === 0;
  return canEndWithParent;
}

/** The program that starts Node, and the arguments before Node's options. */
function launcher(): { execPath: string; before: string[] } {
  const [program, ...options] = END_WITH_PARENT;
  return endsWithParent()
    ? { execPath: program, before: [...options, process.execPath] }
    : { execPath: process.execPath, before: [] };
}

/** The reason of an unexpected end. */
function describeEnd(code: number | null, signal: string | null, stderr: string): string {
  if (stderr.includes("JavaScript heap out of memory"))
    return "the measured process ran out of memory (NODE_OPTIONS=--max-old-space-size=<MB> sets its limit)";
  const how = signal ?? `exit code ${code}`;
  const lines = stderr.split("\n").map((line) => line.trim());
  const last = lines.findLast((line) => line !== "" && !STACK_LINE.test(line));
  const why = signal === "SIGKILL" ? ": a user killed it, or the system ran out of memory" : "";
  return `the measured process ended unexpectedly (${how})${last === undefined ? why : `: ${last}`}`;
}

/** A child that ended or failed instead of answering. */
export class ChildFailure extends Error {
  override readonly name = "ChildFailure";
}

type Answer<Type extends FromChild["type"]> = Extract<FromChild, { type: Type }>;

export class MeasuringChild implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  /** settles after all output of the process was read */
  readonly #lastWords: Promise<unknown>;
  #stderr = "";

  /** @param planned selects the tree and the packages of the process */
  constructor({ treeUrl, packages }: Pick<PlannedCell, "treeUrl" | "packages"> = { treeUrl: TREE_URL, packages: null }) {
    const hook = packages === null ? [] : [...stripTypes(TREE_URL), "--import", HOOK];
    const { execPath, before } = launcher();
    this.#process = fork(fileURLToPath(new URL("harness/child.ts", treeUrl)), [], {
      serialization: "advanced",
      execPath,
      execArgv: [...before, "--expose-gc", "--disable-warning=ExperimentalWarning", ...stripTypes(treeUrl), ...hook],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      env: {
        ...process.env,
        ...WITHOUT_PASSWORDS,
        NODE_OPTIONS: MEMORY_OPTIONS,
        [PACKAGES_VARIABLE]: packages === null ? undefined : JSON.stringify(movedPackages(packages)),
      },
    });
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-MAX_STDERR_CHARS);
    });
    // events.once() would reject with the error of a send to a dead child, and the exit code contains the reason
    this.#exited = new Promise((resolve) => this.#process.once("exit", resolve));
    const closed = new Promise((resolve) => this.#process.once("close", resolve));
    // a process that the child left behind can hold the pipe open
    this.#lastWords = Promise.race([closed, this.#exited.then(() => delay(LAST_WORDS_MS, undefined, { ref: false }))]);
    this.#process.on("error", () => {});
  }

  send(message: ToChild): void {
    if (this.#process.connected) this.#process.send(message);
  }

  /**
   * Waits for a message of one type.
   * @param timeoutMs null waits without a limit
   * @returns null after the timeout
   * @throws ChildFailure if the child reports an error or ends
   */
  async waitFor<Type extends FromChild["type"]>(
    type: Type,
    timeoutMs: number | null,
    onProgress?: (progress: Answer<"progress">) => void,
  ): Promise<Answer<Type> | null> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer<Type> | null>();
    const onMessage = (message: FromChild): void => {
      if (message.type === type) resolve(message as Answer<Type>);
      else if (message.type === "failed") reject(new ChildFailure(message.message));
      else if (message.type === "progress") onProgress?.(message);
    };
    const onExit = (code: number | null, signal: string | null): void => {
      void this.#lastWords.then(() => reject(new ChildFailure(describeEnd(code, signal, this.#stderr))));
    };
    const timer = timeoutMs === null ? undefined : setTimeout(() => resolve(null), timeoutMs);
    this.#process.on("message", onMessage);
    this.#process.on("exit", onExit);
    if (this.#process.exitCode !== null || this.#process.signalCode !== null)
      onExit(this.#process.exitCode, this.#process.signalCode);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#process.off("message", onMessage);
      this.#process.off("exit", onExit);
    }
  }

  /** Kills the process at once; the server rolls back its uncommitted changes. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill("SIGKILL");
      await this.#exited;
    }
  }
}
