/** CPU time of a process by its number, from outside of it. */
import { readFile } from "node:fs/promises";

/** Linux counts CPU time in hundredths of a second, whatever the kernel's own rate (proc(5)). */
export const MS_PER_TICK = 10;

/** @returns null where there is no such file */
export async function cpuMsOf(pid: number): Promise<number | null> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  // the program's name stands in brackets and may contain anything; utime and stime are fields 14 and 15
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ") ?? [];
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isFinite(ticks) ? ticks * MS_PER_TICK : null;
}
