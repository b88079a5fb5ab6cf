/** CPU time that the machine's host gave to others while we wanted it: a virtual machine's most common source of noise. */
import { readFile } from "node:fs/promises";

/** Columns of the first line of /proc/stat, in order (proc(5)); guest time is contained in user time. */
const COLUMNS = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"] as const;

export interface CpuTime {
  readonly wanted: number;
  readonly stolen: number;
}

/** @returns null where there is no /proc/stat */
export async function readCpuTime(): Promise<CpuTime | null> {
  const text = await readFile("/proc/stat", "utf8").catch(() => null);
  const [, ...numbers] = text?.split("\n")[0]?.trim().split(/\s+/) ?? [];
  const ticks = Object.fromEntries(COLUMNS.map((name, index) => [name, Number(numbers[index])])) as Record<
    (typeof COLUMNS)[number],
    number
  >;
  if (text === null || !Number.isFinite(ticks.steal)) return null;
  const total = COLUMNS.reduce((sum, name) => sum + ticks[name], 0);
  return { wanted: total - ticks.idle - ticks.iowait, stolen: ticks.steal };
}

/** @returns the part of the wanted CPU time that was taken away, 0 to 1; null where it can't be known */
export function stolenShare(before: CpuTime | null, after: CpuTime | null): number | null {
  if (before === null || after === null || after.wanted <= before.wanted) return null;
  return (after.stolen - before.stolen) / (after.wanted - before.wanted);
}
