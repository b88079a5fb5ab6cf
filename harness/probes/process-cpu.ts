/** Reads the CPU time of a process by its pid. */
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
