/** Node processes that this project starts: how they start, which environment they receive, how they answer and end. */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { endingWithParent } from "./end-with-parent.ts";
import { WITHOUT_SECRETS } from "./secrets.ts";

const THIS_TREE = new URL("../", import.meta.url).href;

/** Node strips no types below node_modules, where an installed `bench` lies. Worker threads get these options too. */
export const stripTypes = (treeUrl: string = THIS_TREE): string[] =>
  treeUrl.includes("/node_modules/") ? ["--import", new URL("bin/strip-types.mjs", treeUrl).href] : [];

/** Makes the error of a process that does not answer. */
export interface Failures {
  /** @param message of the process's message `failed` */
  readonly failed: (message: string) => Error;
  /** @param how `SIGKILL`, `exit code 1`, or why the system could not start the process */
  readonly ended: (how: string) => Error | Promise<Error>;
}

/** @param make from `failed: <message>` or `ended unexpectedly (SIGKILL)` */
export const failuresOf = (make: (what: string) => Error): Failures => ({
  failed: (message) => make(`failed: ${message}`),
  ended: (how) => make(`ended unexpectedly (${how})`),
});

export interface StartOptions {
  /** the tree that holds the file; absent: this one */
  readonly treeUrl?: string;
  /** options of Node besides those that every process gets */
  readonly nodeOptions?: readonly string[];
  /** variables besides those of this process; undefined removes one */
  readonly environment?: NodeJS.ProcessEnv;
  /** a number: an open file; absent: the standard error of this process */
  readonly stderr?: "inherit" | "ignore" | "pipe" | number;
  /** true: a separate session, which Ctrl-C and a closed terminal do not reach */
  readonly detached?: boolean;
  /** true: the kernel kills the process after this one ended, if the system has setpriv */
  readonly killedWithParent?: boolean;
  /** absent: errors with the name of the file */
  readonly failures?: Failures;
  /**
   * Checks a message, where code of a user runs in the process. A message that it refuses by an error fails the waiting call. Absent:
   * messages have the type that the caller expects.
   */
  readonly read?: (message: unknown) => Typed;
  /** receives errors of the process, such as a message to a process that has ended; absent: its end gives the reason */
  readonly onError?: (error: Error) => void;
}

function start(file: URL, options: StartOptions): ChildProcess {
  const { treeUrl, nodeOptions = [], environment = {}, stderr = "inherit", detached = false, killedWithParent = false } = options;
  const [execPath, ...leading] = killedWithParent ? endingWithParent("KILL", process.execPath) : [process.execPath];
  return fork(fileURLToPath(file), [], {
    serialization: "advanced",
    detached,
    execPath,
    execArgv: [...leading, "--disable-warning=ExperimentalWarning", ...stripTypes(treeUrl), ...nodeOptions],
    stdio: ["ignore", "ignore", stderr, "ipc"],
    // Other users of the machine can read arguments and environment of a process, so passwords and tokens go by message. A
    // debugger or profiler of the parent must not affect a measurement.
    env: { ...process.env, ...WITHOUT_SECRETS, NODE_OPTIONS: "", ...environment },
  });
}

interface Typed {
  readonly type: string;
}
type MessageOf<Message extends Typed, Type extends Message["type"]> = Extract<Message, { readonly type: Type }>;

interface WaitOptions<Message> {
  /** null: without a limit */
  readonly timeoutMs: number | null;
  /** receives messages of other types while the caller waits */
  readonly onOther?: (message: Message) => void;
}

/** A process that exchanges messages with this one. It answers a failure by `{ type: "failed", message }`. */
export class NodeProcess<To, From extends Typed> implements AsyncDisposable {
  /** How the process ended: `SIGKILL`, `exit code 1`, or why it did not start. Resolves after its last message has arrived. */
  readonly ended: Promise<string>;
  readonly #process: ChildProcess;
  readonly #failures: Failures;
  readonly #read: (message: unknown) => Typed;
  readonly #exited: Promise<string>;
  #hasEnded = false;

  constructor(file: URL, options: StartOptions = {}) {
    this.#failures = options.failures ?? failuresOf((what) => new Error(`${fileURLToPath(file)} ${what}`));
    this.#read = options.read ?? ((message) => message as Typed);
    this.#process = start(file, options);
    const { promise: exited, resolve: onExit } = Promise.withResolvers<string>();
    const { promise: disconnected, resolve: onDisconnect } = Promise.withResolvers<void>();
    const onEnd = (how: string): void => {
      this.#hasEnded = true;
      onExit(how);
    };
    // events.once() would reject with the error of a message to a process that has just ended
    this.#process.once("exit", (code, signal) => onEnd(signal ?? `exit code ${code}`));
    this.#process.once("disconnect", onDisconnect);
    this.#process.on("error", (error) => {
      // a process that never started emits neither `exit` nor `disconnect`
      if (this.#process.pid === undefined) {
        onEnd(error.message);
        onDisconnect();
      }
      options.onError?.(error);
    });
    this.#exited = exited;
    this.ended = exited.then(async (how) => {
      await disconnected;
      return how;
    });
  }

  /** null: the process did not start */
  get pid(): number | null {
    return this.#process.pid ?? null;
  }

  /** Standard error of a process that was started with `pipe`. */
  get stderr(): NodeJS.ReadableStream | null {
    return this.#process.stderr;
  }

  send(message: To): void {
    if (this.#process.connected) this.#process.send(message as object);
  }

  onMessage(handle: (message: From) => void): void {
    this.#process.on("message", handle);
  }

  /**
   * Waits for the next message of one type.
   * @returns null after the timeout
   * @throws the process's failure or end, by its `Failures`
   */
  async waitFor<Type extends From["type"]>(
    type: Type,
    { timeoutMs, onOther }: WaitOptions<From>,
  ): Promise<MessageOf<From, Type> | null> {
    const { promise, resolve, reject } = Promise.withResolvers<MessageOf<From, Type> | null>();
    const onMessage = (received: unknown): void => {
      let message: From | { readonly type: "failed"; readonly message: string };
      try {
        message = this.#read(received) as typeof message;
      } catch (error) {
        reject(error);
        return;
      }
      if (message.type === type) resolve(message as MessageOf<From, Type>);
      else if (message.type === "failed") reject(this.#failures.failed((message as { readonly message: string }).message));
      else onOther?.(message as From);
    };
    const timer = timeoutMs === null ? undefined : setTimeout(() => resolve(null), timeoutMs);
    this.#process.on("message", onMessage);
    void this.ended.then((how) => this.#failures.ended(how)).then(reject, reject);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#process.off("message", onMessage);
    }
  }

  /** Sends a message and waits for the answer of one type. @throws the process's failure or end, by its `Failures` */
  async request<Type extends From["type"]>(message: To, type: Type): Promise<MessageOf<From, Type>> {
    this.send(message);
    return (await this.waitFor(type, { timeoutMs: null })) as MessageOf<From, Type>;
  }

  /** Leaves the process running after the end of this one. */
  release(): void {
    if (this.#process.connected) this.#process.disconnect();
    this.#process.unref();
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Stops all threads of the process until its end, where the system has this signal. */
  freeze(): void {
    if (this.#hasEnded || process.platform === "win32") return;
    this.#process.kill("SIGSTOP");
  }

  /** @param graceMs for a process that received a request to end; 0 kills it at once */
  async stop(graceMs = 0): Promise<void> {
    if (this.#hasEnded) return;
    const kill = (): void => void this.#process.kill("SIGKILL");
    if (graceMs === 0) kill();
    const timer = graceMs === 0 ? undefined : setTimeout(kill, graceMs);
    await this.#exited;
    clearTimeout(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
