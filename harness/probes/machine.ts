/** Warns on a sample about CPU time that other processes and virtual machines used while the sample ran. */
import os from "node:os";
import { clockMs } from "../../lib/clock.ts";
import { cpuMsOf } from "./process-cpu.ts";
import { readCpuTime, stolenFraction, type CpuTime } from "./steal.ts";

export interface MachineReading {
  /** null on a system without /proc/stat */
  readonly cpu: CpuTime | null;
  /** CPU time of this process and of the helper process */
  readonly harnessCpuMs: number;
  readonly atMs: number;
}

/** Above this fraction, other virtual machines affect a sample's time more than the cell does. */
const NOISY_STEAL_FRACTION = 0.1;
/** Above this fraction, a sample waits for the CPU. */
const NOISY_FRACTION_OF_OTHERS = 0.25;
/** In a shorter time the kernel's ticks of 10 ms are too coarse to separate other processes from bench. */
const LEAST_MS = 300;

/** @param helperPid a process of bench that works for the sample, such as a latency proxy, or null */
export async function readMachine(helperPid: number | null): Promise<MachineReading> {
  const { user, system } = process.cpuUsage();
  const helperMs = helperPid === null ? 0 : ((await cpuMsOf(helperPid)) ?? 0);
  return { cpu: await readCpuTime(), harnessCpuMs: (user + system) / 1_000 + helperMs, atMs: clockMs() };
}

/**
 * @param sample CPU time of the measured process and of the server between both readings; if one is null, the function checks
 *   only steal, because it cannot separate bench from other processes
 */
export function noiseWarnings(
  before: MachineReading,
  after: MachineReading,
  sample: { readonly clientCpuMs: number | null; readonly serverCpuMs: number | null },
  cores: number = os.availableParallelism(),
): string[] {
  const warnings: string[] = [];
  const stolen = stolenFraction(before.cpu, after.cpu);
  if (stolen !== null && stolen > NOISY_STEAL_FRACTION)
    warnings.push(`other virtual machines took over ${NOISY_STEAL_FRACTION * 100} % of the CPU time (steal)`);
  const others = fractionOfOthers(before, after, sample, cores);
  if (others !== null && others > NOISY_FRACTION_OF_OTHERS)
    warnings.push(`other processes took over ${NOISY_FRACTION_OF_OTHERS * 100} % of this machine's CPU time (load)`);
  return warnings;
}

/** @returns fraction of the CPU time of all cores, 0 to 1; null if a value is unknown or the time is too short */
function fractionOfOthers(
  before: MachineReading,
  after: MachineReading,
  { clientCpuMs, serverCpuMs }: { readonly clientCpuMs: number | null; readonly serverCpuMs: number | null },
  cores: number,
): number | null {
  const spanMs = after.atMs - before.atMs;
  if (before.cpu === null || after.cpu === null || clientCpuMs === null || serverCpuMs === null || spanMs < LEAST_MS) return null;
  const usedMs = after.cpu.wantedMs - before.cpu.wantedMs - (after.cpu.stolenMs - before.cpu.stolenMs);
  const oursMs = clientCpuMs + serverCpuMs + after.harnessCpuMs - before.harnessCpuMs;
  return (usedMs - oursMs) / (spanMs * cores);
}
