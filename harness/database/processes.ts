/** Runs programs, and identifies processes although the kernel reuses pids. */
import { spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { z } from "zod";

export interface Finished {
  /** null after a signal or a failed start */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
  /** aborts the program */
  readonly signal?: AbortSignal;
  /** receives each chunk of standard output */
  readonly onOutput?: (text: string) => void;
}

/** Runs a program to its end. A missing program, a timeout and a failure all give an exit code other than 0. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return new Promise((resolve) => {
    let stdout = "";
    let stderr = "";
    const child = spawn(command, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: options.env ?? process.env,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      options.onOutput?.(text);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    // an aborted program emits `close` too
    child.on("error", (error) => {
      if (child.pid === undefined) resolve({ exitCode: null, stdout, stderr: stderr + error.message });
    });
    child.on("close", (exitCode, signal) => {
      resolve({ exitCode, stdout, stderr: signal === null ? stderr : `${stderr}ended by ${signal}` });
    });
  });
}

/** The last lines of a program's output, for an error message. */
export function lastLines(text: string, count = 3): string {
  return text.trim().split("\n").slice(-count).join("\n");
}

/** Identifies a process by pid and start time, because the kernel reuses pids. */
export const processIdentitySchema = z.object({ pid: z.number().int(), startedAt: z.string() });
export type ProcessIdentity = Readonly<z.infer<typeof processIdentitySchema>>;

/** The content of a JSON file; null for a missing, partial or invalid file. */
export async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
  const text = await readOrNull(path);
  if (text === null) return null;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

async function readOrNull(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return null;
  }
}

async function linuxStartTime(pid: number): Promise<string | null> {
  const stat = await readOrNull(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // the second field is the program name in parentheses, which can contain spaces and parentheses
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, threads, ticks] = [fields[0], Number(fields[17]), fields[19]];
  // a zombie is dead, because in a container it may never be reaped; but while other threads end, its files and ports are in use
  if (ticks === undefined || state === "X" || (state === "Z" && threads <= 1)) return null;
  return `${(await readOrNull("/proc/sys/kernel/random/boot_id"))?.trim()}/${ticks}`;
}

/** @returns the process with this pid, or null */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | null> {
  if (process.platform === "linux") {
    const startedAt = await linuxStartTime(pid);
    return startedAt === null ? null : { pid, startedAt };
  }
  const { exitCode, stdout } = await run("ps", ["-o", "lstart=", "-p", String(pid)]);
  const startedAt = stdout.trim();
  return exitCode === 0 && startedAt !== "" ? { pid, startedAt } : null;
}

/** The identity of the current process. */
export async function identifySelf(): Promise<ProcessIdentity> {
  return (await identifyProcess(process.pid)) ?? { pid: process.pid, startedAt: "unknown" };
}

/** True if that process lives; false if a later process has its pid. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  const now = await identifyProcess(identity.pid);
  return now !== null && now.startedAt === identity.startedAt;
}

async function commandLines(): Promise<{ pid: number; args: string[] }[]> {
  if (process.platform !== "linux") {
    const { stdout } = await run("ps", ["-axww", "-o", "pid=,command="]);
    return stdout.split("\n").map((line) => {
      const [pid = "", ...args] = line.trim().split(/\s+/);
      return { pid: Number(pid), args };
    });
  }
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
  return Promise.all(
    pids.map(async (pid) => ({ pid: Number(pid), args: ((await readOrNull(`/proc/${pid}/cmdline`)) ?? "").split("\0") })),
  );
}

/** A process with exactly this argument on its command line, and all its arguments. */
export async function findProcessByArgument(argument: string): Promise<{ identity: ProcessIdentity; args: string[] } | null> {
  for (const { pid, args } of await commandLines()) {
    if (!args.includes(argument)) continue;
    const identity = await identifyProcess(pid);
    if (identity !== null) return { identity, args };
  }
  return null;
}
