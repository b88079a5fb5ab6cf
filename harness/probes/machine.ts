/** Who else used this machine while a sample ran, in warnings that stand on the sample. */
import os from "node:os";
import { clockMs } from "../../lib/clock.ts";
import { cpuMsOf } from "./process-cpu.ts";
import { readCpuTime, stolenFraction, type CpuTime } from "./steal.ts";

export interface MachineReading {
  /** null where the system keeps no such count */
  readonly cpu: CpuTime | null;
  /** CPU time of this process and of the helpers it was asked to count in */
  readonly harnessCpuMs: number;
  readonly atMs: number;
}

/** From here on a sample's time says more about the machine's neighbours than about the cell. */
const NOISY_STEAL_SHARE = 0.1;
/** From here on a sample waits for its turns of the CPU, whatever it does itself. */
const NOISY_SHARE_OF_OTHERS = 0.25;
/** In less time the kernel's own counting, in steps of 10 ms, is too coarse to tell others from ourselves. */
const LEAST_MS = 300;

/** @param helperPid a process of ours that works for the sample, where there is one */
export async function readMachine(helperPid: number | null): Promise<MachineReading> {
  const { user, system } = process.cpuUsage();
  const helperMs = helperPid === null ? 0 : ((await cpuMsOf(helperPid)) ?? 0);
  return { cpu: await readCpuTime(), harnessCpuMs: (user + system) / 1_000 + helperMs, atMs: clockMs() };
}

/**
 * @param sample CPU time of the measured process and of the server in between; where one of them is null, ours can't be told
 *   from others' and only steal is looked at
 */
export function noiseWarnings(
  before: MachineReading,
  after: MachineReading,
  sample: { readonly clientCpuMs: number | null; readonly serverCpuMs: number | null },
  cores: number = os.availableParallelism(),
): string[] {
  const warnings: string[] = [];
  const stolen = stolenFraction(before.cpu, after.cpu);
  if (stolen !== null && stolen > NOISY_STEAL_SHARE)
    warnings.push(`over ${NOISY_STEAL_SHARE * 100} % of the CPU time was taken by other virtual machines (steal)`);
  const others = shareOfOthers(before, after, sample, cores);
  if (others !== null && others > NOISY_SHARE_OF_OTHERS)
    warnings.push(`other processes took over ${NOISY_SHARE_OF_OTHERS * 100} % of this machine's CPU time (load)`);
  return warnings;
}

/** @returns of all that the cores could have given in that time, 0 to 1; null where it can't be told */
function shareOfOthers(
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
