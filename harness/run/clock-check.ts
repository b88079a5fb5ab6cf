/**
 * Compares what a measuring process reports with what this process and the kernel saw. A strategy runs in the measuring process and
 * could change its clock or its messages, so no reported value counts without a second source.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { readProcessUsage, type ProcessUsage } from "../probes/process-cpu.ts";
import type { Measured } from "../protocol.ts";
import { milliseconds } from "../text/format.ts";

/** The measurements of the harness between `go` and `done`. */
export interface OutsideView {
  readonly wallMs: number;
  /** longest delay of this process's event loop */
  readonly delayMs: number;
  /** null: the process was killed, or the system has no /proc */
  readonly cpuMs: number | null;
  readonly peakRssBytes: number | null;
  readonly waitedMs: number | null;
}

/** Of 70 honest samples on a loaded machine, the clocks differed by 2.1 ms in the median and by at most 9.6 ms. */
const TOLERANCE_MS = 25;
const TOLERANCE_FRACTION = 0.01;
/** A machine with 10 busy processes per core delays a message by up to this; only delays that were seen count. */
export const MAX_DELAY_ALLOWANCE_MS = 200;
/** The kernel counts CPU time in ticks of 10 ms. */
const CPU_TOLERANCE_MS = 50;
const CPU_TOLERANCE_FRACTION = 0.1;
const DELAY_RESOLUTION_MS = 10;
const NS_PER_MS = 1e6;

const difference = (before: number | null | undefined, after: number | null): number | null =>
  before === null || before === undefined || after === null ? null : after - before;

/** Watches a process from `go` on. Start it before `go`, and call the result at `done`, before the process is killed. */
export async function watchFromOutside(pid: number | null): Promise<(wallMs: number) => Promise<OutsideView>> {
  const before: ProcessUsage | null = pid === null ? null : await readProcessUsage(pid);
  const loopDelay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  loopDelay.enable();
  return async (wallMs) => {
    loopDelay.disable();
    const after = pid === null ? null : await readProcessUsage(pid);
    return {
      wallMs,
      // the histogram holds the time between two readings, so it includes the timer's period
      delayMs: loopDelay.count === 0 ? 0 : Math.max(0, loopDelay.max / NS_PER_MS - DELAY_RESOLUTION_MS),
      cpuMs: difference(before?.cpuMs, after?.cpuMs ?? null),
      peakRssBytes: after?.peakRssBytes ?? null,
      waitedMs: difference(before?.waitedMs, after?.waitedMs ?? null),
    };
  };
}

type Outside = Pick<OutsideView, "wallMs" | "delayMs" | "waitedMs">;

const toleranceOf = (wallMs: number): number => TOLERANCE_MS + TOLERANCE_FRACTION * wallMs;

/** @returns the reason why the reported time does not count; null for a time that both clocks confirm */
export function clockMismatch({ wallMs }: Pick<Measured, "wallMs">, outside: Outside): string | null {
  const delayMs = Math.min(MAX_DELAY_ALLOWANCE_MS, outside.delayMs + (outside.waitedMs ?? 0));
  const toleranceMs = toleranceOf(outside.wallMs) + delayMs;
  if (Math.abs(outside.wallMs - wallMs) <= toleranceMs) return null;
  return (
    `the measured process reported ${milliseconds(wallMs, 1)}, and bench saw ${milliseconds(outside.wallMs, 1)} ` +
    `(tolerance ${milliseconds(toleranceMs)}): code in the process changed the clock or the message`
  );
}

/**
 * The time of a sample without a mismatch. A plug-in can cause the delays that extend the tolerance, for example by threads that occupy all
 * cores. So its process's own time counts only within the tolerance of a quiet machine.
 */
export function countedWallMs(
  { wallMs }: Pick<Measured, "wallMs">,
  outside: Outside,
): { readonly wallMs: number; readonly warning: string | null } {
  if (Math.abs(outside.wallMs - wallMs) <= toleranceOf(outside.wallMs)) return { wallMs, warning: null };
  const reported = `the measured process reported ${milliseconds(wallMs, 1)}, and bench saw ${milliseconds(outside.wallMs, 1)}`;
  return { wallMs: outside.wallMs, warning: `${reported} on a crowded machine; the record has the time that bench saw` };
}

/**
 * CPU time and memory of the sample: the kernel's values where the process reported less.
 * @returns the values, and a warning if they differ from the report
 */
export function checkedUsage(
  measured: Pick<Measured, "clientCpuMs" | "peakRssBytes">,
  outside: OutsideView,
): { readonly clientCpuMs: number; readonly peakRssBytes: number; readonly warning: string | null } {
  const { clientCpuMs, peakRssBytes } = measured;
  const cpuMs = outside.cpuMs ?? clientCpuMs;
  const isCpuWrong = Math.abs(cpuMs - clientCpuMs) > CPU_TOLERANCE_MS + CPU_TOLERANCE_FRACTION * cpuMs;
  const rssBytes = outside.peakRssBytes ?? peakRssBytes;
  const isMemoryWrong = Math.abs(rssBytes - peakRssBytes) > MEMORY_TOLERANCE_FRACTION * rssBytes;
  return {
    clientCpuMs: isCpuWrong ? cpuMs : clientCpuMs,
    peakRssBytes: isMemoryWrong ? rssBytes : peakRssBytes,
    warning:
      isCpuWrong || isMemoryWrong
        ? "the measured process reported another CPU time or memory than the kernel; the record has the kernel's values"
        : null,
  };
}

/** The process reports before its last message, which needs a little more memory. */
const MEMORY_TOLERANCE_FRACTION = 0.1;
