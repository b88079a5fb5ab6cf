/** Identifies processes although the kernel reuses pids. */
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { run } from "../../lib/run-program.ts";

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

const END_POLL_MS = 50;

/** @returns false if the process still lives at the deadline */
export async function waitForEnd(identity: ProcessIdentity, deadlineMs: number): Promise<boolean> {
  const deadline = performance.now() + deadlineMs;
  while (await isAlive(identity)) {
    if (performance.now() > deadline) return false;
    await delay(END_POLL_MS);
  }
  return true;
}

/** The pids of the processes whose parent has this pid. */
export async function childrenOf(parent: number): Promise<number[]> {
  if (process.platform !== "linux") {
    const { stdout } = await run("ps", ["-ax", "-o", "pid=,ppid="]);
    const pairs = stdout.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
    return pairs.flatMap(([pid = 0, ppid]) => (ppid === parent ? [pid] : []));
  }
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
  const parents = await Promise.all(
    pids.map(async (pid) => {
      const stat = (await readOrNull(`/proc/${pid}/stat`)) ?? "";
      const [state, ppid] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return state === "Z" ? null : Number(ppid);
    }),
  );
  return pids.flatMap((pid, index) => (parents[index] === parent ? [Number(pid)] : []));
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
