/**
 * One worker's part of a sample: loads the plug-ins, warms up on the scratch schema and opens its pool. Then it runs the cell's
 * code over its partition of the users and records progress, phases and retries. The measuring process and its worker threads
 * use the same code.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Capability, Orm, OrmSession } from "../../orms/orm.ts";
import type { KeyScheme } from "../../strategies/keys/key.ts";
import type { NativeVariant, Phase, Partition, Strategy, StrategyContext } from "../../strategies/strategy.ts";
import { clockNs } from "../../lib/clock.ts";
import type { PartitionProgress } from "../protocol.ts";
import type { PoolAssignment } from "./assignment.ts";
import { hasLoaded } from "./loaded-packages.ts";
import { createRetry } from "./retry.ts";
import { openWholePool } from "./whole-pool.ts";

/** Interval of progress reports: the display needs them, and a killed child leaves no other information. */
const PROGRESS_EVERY_NS = 200_000_000n;
const NS_PER_MS = 1e6;
// bound before a plug-in loads, as in lib/clock.ts
const toNumber = Number;
const toBigInt = BigInt;
const round = Math.round;
const isInteger = Number.isSafeInteger;
/** Users read per page by strategies that have no chunks. */
const DEFAULT_PAGE_USERS = 1000;
/** A native timer measures its delay a hundred times a second, at a cost of about 0.01 % of a core. */
const DELAY_RESOLUTION_MS = 10;
const MIN_DELAY_READINGS = 100;

export interface PartitionOutcome extends PartitionProgress {
  /** false: the limit stopped the run */
  readonly complete: boolean;
  readonly phaseMs: Readonly<Record<Phase, number>>;
  readonly retries: number;
  /** null: with fewer than `MIN_DELAY_READINGS` readings, the 99th percentile would be the maximum */
  readonly eventLoopDelayP99Ms: number | null;
  /** of the pool, held at the same time before the clock */
  readonly openConnections: number;
  /** whether a CommonJS file of the driver that the ORM names was loaded */
  readonly hasLoadedDriver: boolean;
}

export type ReportProgress = (progress: PartitionProgress) => void;

/** Starts the measured part. Call it once. */
export type StartPartition = (limitMs: number | null, report: ReportProgress) => Promise<PartitionOutcome>;

/** `finished` throws it after the limit, to end the strategy. */
class LimitReached extends Error {}

interface Plugs {
  readonly orm: Orm;
  readonly key: KeyScheme;
  readonly code: Pick<Strategy | NativeVariant, "run">;
  /** capabilities that the library must enable for the technique */
  readonly uses: readonly Capability[];
}

async function load({ modules }: PoolAssignment): Promise<Plugs> {
  const [{ orm }, { strategy, nativeVariant }, { key }] = (await Promise.all([
    import(modules.ormUrl),
    import(modules.codeUrl),
    import(modules.keyUrl),
  ])) as [{ orm: Orm }, { strategy?: Strategy; nativeVariant?: NativeVariant }, { key: KeyScheme }];
  const code = nativeVariant ?? strategy;
  if (code === undefined) throw new Error(`${modules.codeUrl} exports neither strategy nor nativeVariant`);
  return { orm, key, code, uses: strategy?.requires ?? [] };
}

async function run(
  { orm, key, code }: Plugs,
  session: OrmSession,
  assignment: PoolAssignment,
  partition: Partition,
  limitMs: number | null,
  report: ReportProgress | null,
  loopDelay: LoopDelay,
): Promise<Omit<PartitionOutcome, "openConnections" | "hasLoadedDriver">> {
  const phaseNs: Record<Phase, bigint> = { read: 0n, badges: 0n, grades: 0n, coupons: 0n };
  let retries = 0;
  let throughUserId = partition.firstUserId - 1;
  let targetsDone = 0;
  // The first message to another process costs 0.5 ms. A job that ends before the first interval sends none.
  let lastReport = clockNs();
  const deadline = limitMs === null ? null : clockNs() + toBigInt(round(limitMs * NS_PER_MS));

  const context: StrategyContext = {
    session,
    key,
    partition,
    runId: assignment.runId,
    window: assignment.window,
    changedAt: assignment.changedAt,
    chunkUsers: assignment.cell.chunkUsers ?? DEFAULT_PAGE_USERS,
    async phase(phase, work) {
      const from = clockNs();
      try {
        return await work();
      } finally {
        phaseNs[phase] += clockNs() - from;
      }
    },
    retry: createRetry(orm.errorNumber?.bind(orm), () => (retries += 1)),
    finished(through, targets) {
      if (!isInteger(through))
        throw new TypeError(`context.finished: the last finished user is ${String(through)}. Pass the id of a user.`);
      throughUserId = through;
      targetsDone += targets;
      const now = clockNs();
      if (deadline !== null && now >= deadline && through < partition.lastUserId)
        throw new LimitReached("the cell's time is over");
      if (report === null || now - lastReport < PROGRESS_EVERY_NS) return;
      lastReport = now;
      report({ throughUserId, targetsDone });
    },
  };

  let complete = true;
  loopDelay.restart();
  try {
    await code.run(context);
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    complete = false;
  }
  const inMs = (ns: bigint): number => toNumber(ns) / NS_PER_MS;
  return {
    complete,
    throughUserId,
    targetsDone,
    phaseMs: {
      read: inMs(phaseNs.read),
      badges: inMs(phaseNs.badges),
      grades: inMs(phaseNs.grades),
      coupons: inMs(phaseNs.coupons),
    },
    retries,
    eventLoopDelayP99Ms: loopDelay.p99Ms(),
  };
}

interface LoopDelay {
  restart(): void;
  p99Ms(): number | null;
}

/** Created before the clock starts: the creation takes 0.2 ms. */
function watchLoopDelay(): LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  histogram.enable();
  return {
    restart: () => histogram.reset(),
    p99Ms: () =>
      // The histogram holds the time between two readings, so it includes the timer's period.
      histogram.count < MIN_DELAY_READINGS ? null : Math.max(0, histogram.percentile(99) / NS_PER_MS - DELAY_RESOLUTION_MS),
  };
}

/** The number of chunks of a job with the default size and chunks. */
const REHEARSED_CHUNKS = 60;

/**
 * Calls the context as techniques do, without work of a technique. It runs once before the clock starts. Otherwise V8 would
 * compile the harness's code during the measured time of the technique.
 */
const rehearsal: Plugs["code"] = {
  async run({ phase, retry, finished }) {
    const nothing = async (): Promise<void> => {};
    for (let chunk = 0; chunk < REHEARSED_CHUNKS; chunk += 1) {
      await phase("read", nothing);
      await retry(async () => {
        for (const written of ["badges", "grades", "coupons"] as const) await phase(written, nothing);
      });
      finished(0, 0);
    }
  },
};

/** Does all work outside the strategy before the clock starts: imports, connections, warm-up, garbage collection. */
export async function preparePartition(assignment: PoolAssignment, partitionIndex: number): Promise<StartPartition> {
  const { target, scratch, connection, partitions } = assignment;
  const partition = partitions[partitionIndex];
  if (partition === undefined) throw new Error(`no partition ${partitionIndex}`);
  const plugs = await load(assignment);
  const options = { ...connection, storage: plugs.key.storage, uses: plugs.uses };
  const loopDelay = watchLoopDelay();
  const scratchPartition = scratch.partitions[partitionIndex];
  if (scratchPartition !== undefined) {
    await using session = await plugs.orm.connect({ ...options, target: { ...target, schema: scratch.schema } });
    await run(plugs, session, assignment, scratchPartition, null, null, loopDelay);
  }
  const session = await plugs.orm.connect({ ...options, target });
  const openConnections = await openWholePool(session, connection.poolConnections);
  await run({ ...plugs, code: rehearsal }, session, assignment, partition, null, () => {}, loopDelay);
  globalThis.gc?.();
  return async (limitMs, report) => ({
    ...(await run(plugs, session, assignment, partition, limitMs, report, loopDelay)),
    openConnections,
    hasLoadedDriver: hasLoaded(plugs.orm.driver),
  });
}
