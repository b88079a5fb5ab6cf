/** The parent's end of a measuring process: start it, tell it things, wait for its answers, be sure that it is gone. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { FromChild, ToChild } from "./protocol.ts";

const CHILD = fileURLToPath(new URL("./child.ts", import.meta.url));
/** Node strips no types under node_modules, where an installed bench lies. Worker threads get these options too. */
const STRIP_TYPES = import.meta.url.includes("/node_modules/")
  ? ["--import", new URL("../bin/strip-types.mjs", import.meta.url).href]
  : [];
/** A measured process has an account of its own; the harness's is none of its business. */
const WITHOUT_PASSWORDS = {
  BENCH_DATABASE_URL: undefined,
  BENCH_DATABASE_PASSWORD: undefined,
  BENCH_DATABASE_PASSWORD_FILE: undefined,
};
/** What a crashing library prints last is often the reason; more than this is noise. */
const MAX_STDERR_CHARS = 4_000;

/** A child that ended or failed instead of answering. */
export class ChildFailure extends Error {
  override readonly name = "ChildFailure";
}

type Answer<Type extends FromChild["type"]> = Extract<FromChild, { type: Type }>;

export class MeasuringChild implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  #stderr = "";

  constructor() {
    this.#process = fork(CHILD, [], {
      serialization: "advanced",
      execArgv: ["--expose-gc", "--disable-warning=ExperimentalWarning", ...STRIP_TYPES],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      // Colours or a debugger's options from the parent's environment have no place in a measurement.
      env: { ...process.env, ...WITHOUT_PASSWORDS, NODE_OPTIONS: "" },
    });
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-MAX_STDERR_CHARS);
    });
    this.#exited = once(this.#process, "exit");
    // A send to a child that just died; its exit tells the rest.
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
      const last = this.#stderr.trim().split("\n").at(-1) ?? "";
      reject(
        new ChildFailure(
          `the measured process ended by itself (${signal ?? `exit code ${code}`})${last === "" ? "" : `: ${last}`}`,
        ),
      );
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
