/** Starts the program like a user does. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export const BIN = fileURLToPath(new URL("../../bin/bench.cjs", import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly process: ChildProcess;
  /** the text on standard error so far */
  stderr(): string;
  readonly finished: Promise<Finished>;
}

export interface BenchOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** the id of another user than the test's */
  readonly uid?: number;
  /** for bash, before bash replaces itself with the program: `ulimit -f 4` */
  readonly limits?: string;
}

/** Starts `bench` without a terminal. */
export function startBench(args: readonly string[], options: BenchOptions = {}): Running {
  const command = [process.execPath, BIN, ...args];
  const shell = ["bash", "-c", `${options.limits}; exec "$0" "$@"`, ...command];
  const [file = "", ...rest] = options.limits === undefined ? command : shell;
  const child = spawn(file, rest, {
    stdio: ["ignore", "pipe", "pipe"],
    cwd: options.cwd,
    uid: options.uid,
    env: {
      ...process.env,
      NODE_OPTIONS: "",
      // Node's compile cache is a file too, and would exceed the limit first
      ...(options.limits !== undefined && { NODE_DISABLE_COMPILE_CACHE: "1" }),
      ...options.env,
    },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const finished = once(child, "close").then(() => ({ code: child.exitCode, stdout, stderr }));
  return { process: child, stderr: () => stderr, finished };
}

export const bench = (args: readonly string[], options: BenchOptions = {}): Promise<Finished> =>
  startBench(args, options).finished;
