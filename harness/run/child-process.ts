/** The parent's end of a measuring process: start it, tell it things, wait for its answers, be sure that it is gone. */
import { fork, spawnSync, type ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { PlannedCell } from "../plan/planned-cell.ts";
import { PACKAGES_VARIABLE } from "../packages/hook.ts";
import { movedPackages } from "../packages/package-set.ts";
import type { FromChild, ToChild } from "../protocol.ts";
import { TREE_URL } from "../registry.ts";

const HOOK = new URL("../packages/hook.ts", import.meta.url).href;

/** Node strips no types under node_modules, where an installed bench lies. Worker threads get these options too. */
const stripTypes = (treeUrl: string): string[] =>
  treeUrl.includes("/node_modules/") ? ["--import", new URL("bin/strip-types.mjs", treeUrl).href] : [];
/** A measured process has an account of its own; the harness's is none of its business. */
const WITHOUT_PASSWORDS = {
  BENCH_DATABASE_URL: undefined,
  BENCH_DATABASE_PASSWORD: undefined,
  BENCH_DATABASE_PASSWORD_FILE: undefined,
};
/** What a crashing library prints last is often the reason; more than this is noise. */
const MAX_STDERR_CHARS = 16_000;
/** What was printed may arrive after the news of the end. */
const LAST_WORDS_MS = 1_000;
/** Of the parent's options a measured process gets its memory limit; colours or a debugger have no place in a measurement. */
const MEMORY_OPTIONS = process.env["NODE_OPTIONS"]?.match(/--max[-_]old[-_]space[-_]size=\d+/g)?.join(" ") ?? "";
/** Of native and of JavaScript stack traces, and their headings. */
const STACK_LINE = /^(\d+: |at |\[\w+:|-----|<---)/;

/**
 * A program of util-linux that has the kernel end what it becomes when its parent has ended. By itself a child notices that by
 * its closed channel, but not while a strategy computes without a pause.
 */
const END_WITH_PARENT = ["setpriv", "--pdeathsig", "KILL", "--"] as const;
let canEndWithParent: boolean | null = null;

/** @returns whether the system has such a program: Debian and Ubuntu do, macOS and Alpine don't */
export function endsWithParent(): boolean {
  canEndWithParent ??= spawnSync(END_WITH_PARENT[0], [...END_WITH_PARENT.slice(1), "true"]).status === 0;
  return canEndWithParent;
}

/** The program to start Node by, and what stands before Node's own options. */
function launcher(): { execPath: string; before: string[] } {
  const [program, ...options] = END_WITH_PARENT;
  return endsWithParent()
    ? { execPath: program, before: [...options, process.execPath] }
    : { execPath: process.execPath, before: [] };
}

/** Why a process ended that was not told to. */
function describeEnd(code: number | null, signal: string | null, stderr: string): string {
  if (stderr.includes("JavaScript heap out of memory"))
    return "the measured process ran out of memory (NODE_OPTIONS=--max-old-space-size=<MB> sets how much it gets)";
  const how = signal ?? `exit code ${code}`;
  const lines = stderr.split("\n").map((line) => line.trim());
  const last = lines.findLast((line) => line !== "" && !STACK_LINE.test(line));
  const why = signal === "SIGKILL" ? ": somebody killed it, or the system for want of memory" : "";
  return `the measured process ended by itself (${how})${last === undefined ? why : `: ${last}`}`;
}

/** A child that ended or failed instead of answering. */
export class ChildFailure extends Error {
  override readonly name = "ChildFailure";
}

type Answer<Type extends FromChild["type"]> = Extract<FromChild, { type: Type }>;

export class MeasuringChild implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  /** settled when everything that it printed has been read */
  readonly #lastWords: Promise<unknown>;
  #stderr = "";

  /** @param planned whose tree and packages it runs with */
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
    // not events.once(): it would fail with the error of a send to a child that just died, whose exit tells the rest
    this.#exited = new Promise((resolve) => this.#process.once("exit", resolve));
    const closed = new Promise((resolve) => this.#process.once("close", resolve));
    // a process of its own that it left behind may hold the pipe open
    this.#lastWords = Promise.race([closed, this.#exited.then(() => delay(LAST_WORDS_MS, undefined, { ref: false }))]);
    this.#process.on("error", () => {});
  }

  tell(message: ToChild): void {
    if (this.#process.connected) this.#process.send(message);
  }

  /**
   * Waits for one kind of answer.
   * @param timeoutMs null to wait for as long as it takes
   * @returns null on time-out
   * @throws ChildFailure when the child reports an error, or ends
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

  /** Ends the process at once: what it has not committed by now does not count. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill("SIGKILL");
      await this.#exited;
    }
  }
}
