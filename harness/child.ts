/**
 * A measuring process for one sample of one cell. sampler.ts starts it and sends the messages of protocol.ts. Its clock runs only
 * around the cell's code; preparation (partition-runner.ts) ends before the process sends `ready`.
 */
import { flushCompileCache } from "node:module";
import { reasonOf } from "../lib/errors.ts";
import type { Phase } from "../strategies/strategy.ts";
import { clockMs } from "../lib/clock.ts";
import type { PoolAssignment } from "./worker/assignment.ts";
import { prepareWorkerPool, type WorkerPool } from "./worker/pool.ts";
import { PROTOCOL_VERSION, type Assignment, type FromChild, type Measured, type ToChild } from "./protocol.ts";
import type { PartitionOutcome } from "./worker/partition-runner.ts";

// bound before any plug-in loads, so that a plug-in cannot replace them; clock.ts does the same
const cpuUsage = process.cpuUsage.bind(process);
const resourceUsage = process.resourceUsage.bind(process);
const send = process.send?.bind(process);
const exit = process.exit.bind(process);

function say(message: FromChild): void {
  send?.(message);
}

function meanPhases(outcomes: readonly PartitionOutcome[]): Record<Phase, number> {
  const mean = (phase: Phase): number => outcomes.reduce((sum, { phaseMs }) => sum + phaseMs[phase], 0) / outcomes.length;
  return { read: mean("read"), badges: mean("badges"), grades: mean("grades"), coupons: mean("coupons") };
}

const highest = (values: readonly number[]): number | null => (values.length === 0 ? null : Math.max(...values));

async function measure(pool: WorkerPool, limitMs: number | null): Promise<Measured> {
  const cpuBefore = cpuUsage();
  const startedAt = clockMs();
  const outcomes = await pool.go(limitMs, (partitionIndex, progress) =>
    say({ type: "progress", shareIndex: partitionIndex, ...progress }),
  );
  const wallMs = clockMs() - startedAt;
  const cpu = cpuUsage(cpuBefore);
  return {
    complete: outcomes.every(({ complete }) => complete),
    shares: outcomes.map(({ throughUserId, targetsDone }) => ({ throughUserId, targetsDone })),
    wallMs,
    phaseMs: meanPhases(outcomes),
    retries: outcomes.reduce((sum, { retries }) => sum + retries, 0),
    clientCpuMs: (cpu.user + cpu.system) / 1000,
    peakRssBytes: resourceUsage().maxRSS * 1024,
    eventLoopDelayP99Ms: highest(outcomes.flatMap(({ eventLoopDelayP99Ms }) => eventLoopDelayP99Ms ?? [])),
    hasLoadedDriver: outcomes.every(({ hasLoadedDriver }) => hasLoadedDriver),
    openConnections: outcomes.reduce((sum, { openConnections }) => sum + openConnections, 0),
  };
}

const poolAssignment = ({ shares, scratch, ...rest }: Assignment): PoolAssignment => ({
  ...rest,
  partitions: shares,
  scratch: { schema: scratch.schema, partitions: scratch.shares },
});

let pool: WorkerPool | undefined;

async function handle(message: ToChild): Promise<void> {
  if (message.type === "prepare") {
    if (message.protocol !== PROTOCOL_VERSION) throw new Error(`protocol ${message.protocol} is not ${PROTOCOL_VERSION}`);
    pool = await prepareWorkerPool(poolAssignment(message.assignment));
    // this process is killed, and a killed process keeps nothing: 0.3 s of each sample's start where NODE_COMPILE_CACHE is set
    flushCompileCache();
    say({ type: "ready" });
  } else {
    if (pool === undefined) throw new Error("received go before it was ready");
    say({ type: "done", measured: await measure(pool, message.limitMs) });
  }
}

function fail(error: unknown): void {
  const stage = pool === undefined ? "prepare" : "run";
  say({
    type: "failed",
    stage,
    message: reasonOf(error),
    stack: error instanceof Error ? (error.stack ?? null) : null,
  });
}

process.on("message", (message: ToChild) => void handle(message).catch(fail));
process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);
// without its parent the child has no reader for the result
process.on("disconnect", () => exit(1));
// Ctrl-C signals the whole process group; the parent stops the child itself
process.on("SIGINT", () => {});
