/** Options of a member of a cluster: how fast it notices other members. */
import type { Command } from "commander";
import { DEFAULT_OPTIONS, type ApiOptions } from "../../api/options.ts";
import { BenchError } from "../../lib/errors.ts";
import { duration, TIME_UNITS } from "./values.ts";

const ORIGIN_TIMING = { heartbeatMs: 30_000, leaseMs: 90_000 } as const;

export interface TimingOptions {
  heartbeat?: number;
  lease?: number;
  poll?: number;
  originTiming?: boolean;
}

export const addTimingOptions = (command: Command): Command =>
  command
    .option("--heartbeat <time>", `time between two heartbeats of a member (default: 2s; ${TIME_UNITS})`, duration)
    .option("--lease <time>", `a member without a heartbeat for this time does not count (default: 10s; ${TIME_UNITS})`, duration)
    .option("--poll <time>", `time between two polls of batches, rounds and members (default: 250ms; ${TIME_UNITS})`, duration)
    .option("--origin-timing", "the times of the original project: a heartbeat every 30s, a lease of 90s");

/** @throws BenchError BAD_OPTION if the times contradict each other */
export function timingOptions(options: TimingOptions): Pick<ApiOptions, "heartbeatMs" | "leaseMs" | "pollMs"> {
  const { heartbeat, lease, poll, originTiming = false } = options;
  if (originTiming && (heartbeat !== undefined || lease !== undefined))
    throw new BenchError(
      "BAD_OPTION",
      "--origin-timing sets the heartbeat and the lease, and --heartbeat or --lease sets them too",
      "pass one of them",
    );
  const standard = originTiming ? ORIGIN_TIMING : DEFAULT_OPTIONS;
  const { heartbeatMs, leaseMs } = { heartbeatMs: heartbeat ?? standard.heartbeatMs, leaseMs: lease ?? standard.leaseMs };
  if (leaseMs < 2 * heartbeatMs)
    throw new BenchError(
      "BAD_OPTION",
      `the lease of ${leaseMs} ms is shorter than two heartbeats of ${heartbeatMs} ms: a healthy member would not count`,
      "raise --lease or lower --heartbeat",
    );
  return { heartbeatMs, leaseMs, pollMs: poll ?? DEFAULT_OPTIONS.pollMs };
}
