/** Steal: CPU time that the host gave to other virtual machines, the most common noise of a virtual machine. */
import { readFile } from "node:fs/promises";
import { MS_PER_TICK } from "./process-cpu.ts";

/** Columns of the first line of /proc/stat, in order (proc(5)); guest time is contained in user time. */
const COLUMNS = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"] as const;

/** CPU time in ms of all cores since the machine started. */
export interface CpuTime {
  readonly wantedMs: number;
  readonly stolenMs: number;
}

/** @returns null on a system without /proc/stat */
export async function readCpuTime(): Promise<CpuTime | null> {
  const text = await readFile("/proc/stat", "utf8").catch(() => null);
  const [, ...numbers] = text?.split("\n")[0]?.trim().split(/\s+/) ?? [];
  const ticks = Object.fromEntries(COLUMNS.map((name, index) => [name, Number(numbers[index])])) as Record<
    (typeof COLUMNS)[number],
    number
  >;
  if (text === null || !Number.isFinite(ticks.steal)) return null;
  const total = COLUMNS.reduce((sum, name) => sum + ticks[name], 0);
  return { wantedMs: (total - ticks.idle - ticks.iowait) * MS_PER_TICK, stolenMs: ticks.steal * MS_PER_TICK };
}

/** @returns the stolen fraction of the requested CPU time, 0 to 1; null if unknown */
export function stolenFraction(before: CpuTime | null, after: CpuTime | null): number | null {
  if (before === null || after === null || after.wantedMs <= before.wantedMs) return null;
  return (after.stolenMs - before.stolenMs) / (after.wantedMs - before.wantedMs);
}
