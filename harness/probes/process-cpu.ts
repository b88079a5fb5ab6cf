/** Reads from outside what a process uses, by its pid: CPU time, peak memory and the time that it waits for a CPU. */
import { readFile } from "node:fs/promises";

/** Linux reports CPU time in hundredths of a second, independent of the kernel's timer rate (proc(5)). */
export const MS_PER_TICK = 10;

/** @returns CPU time in ms; null without /proc or without the process */
export async function cpuMsOf(pid: number): Promise<number | null> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  // the program name in brackets can contain spaces and brackets; utime and stime are fields 14 and 15
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ") ?? [];
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isFinite(ticks) ? ticks * MS_PER_TICK : null;
}

/** The counts of the kernel for a process since its start. A value is null where the kernel does not show it. */
export interface ProcessUsage {
  readonly cpuMs: number | null;
  readonly peakRssBytes: number | null;
  /** time in which the main thread could run and had no CPU */
  readonly waitedMs: number | null;
}

const NS_PER_MS = 1e6;
const BYTES_PER_KIB = 1024;

export async function readProcessUsage(pid: number): Promise<ProcessUsage> {
  const [cpuMs, status, schedule] = await Promise.all([
    cpuMsOf(pid),
    readFile(`/proc/${pid}/status`, "utf8").catch(() => ""),
    readFile(`/proc/${pid}/schedstat`, "utf8").catch(() => ""),
  ]);
  const peakKib = /^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1];
  // fields: time on a CPU, time in the run queue, number of time slices
  const waitedNs = /^\d+ (\d+) /.exec(schedule)?.[1];
  return {
    cpuMs,
    peakRssBytes: peakKib === undefined ? null : Number(peakKib) * BYTES_PER_KIB,
    waitedMs: waitedNs === undefined ? null : Number(waitedNs) / NS_PER_MS,
  };
}
