/**
 * A measuring process: one cell, one sample. Started by sampler.ts, spoken to by protocol.ts. Everything that is not the
 * strategy (imports, connections, warm-up, garbage) happens before it says it is ready.
 */
import type { Orm, OrmSession } from "../orms/orm.ts";
import type { KeyScheme } from "../strategies/keys/key.ts";
import type { Phase, Share, Strategy, StrategyContext } from "../strategies/strategy.ts";
import { clockNs } from "./clock.ts";
import { PROTOCOL_VERSION, type Assignment, type FromChild, type Measured, type ToChild } from "./protocol.ts";
import { createRetry } from "./retry.ts";

// Taken before any plug-in is loaded, as the clock is.
const cpuUsage = process.cpuUsage.bind(process);
const resourceUsage = process.resourceUsage.bind(process);
const send = process.send?.bind(process);
const exit = process.exit.bind(process);

/** How often the parent hears how far the work is: for its display, and for what is known of a child that had to be killed. */
const PROGRESS_EVERY_NS = 200_000_000n;
const NS_PER_MS = 1e6;

function say(message: FromChild): void {
  send?.(message);
}

/** Thrown out of `finished` when the time is over; it unwinds through the strategy. */
class LimitReached extends Error {}

interface Plugs {
  readonly orm: Orm;
  readonly strategy: Strategy;
  readonly key: KeyScheme;
}

async function load({ modules }: Assignment): Promise<Plugs> {
  const [{ orm }, { strategy }, { key }] = (await Promise.all([
    import(modules.ormUrl),
    import(modules.strategyUrl),
    import(modules.keyUrl),
  ])) as [{ orm: Orm }, { strategy: Strategy }, { key: KeyScheme }];
  return { orm, strategy, key };
}

/** Runs the strategy once and keeps the books: time per phase, retries, how far it came. */
async function run(
  plugs: Plugs,
  session: OrmSession,
  assignment: Assignment,
  share: Share,
  limitMs: number | null,
  report: boolean,
): Promise<Measured> {
  const { orm, strategy, key } = plugs;
  const phaseNs: Record<Phase, bigint> = { read: 0n, badges: 0n, grades: 0n, coupons: 0n };
  let retries = 0;
  let throughUserId = share.firstUserId - 1;
  let targetsDone = 0;
  let lastReport = 0n;
  let deadline: bigint | null = null;

  const context: StrategyContext = {
    session,
    key,
    share,
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
      throughUserId = through;
      targetsDone += targets;
      const now = clockNs();
      if (deadline !== null && now >= deadline && through < share.lastUserId) throw new LimitReached("the cell's time is over");
      if (!report || now - lastReport < PROGRESS_EVERY_NS) return;
      lastReport = now;
      say({ type: "progress", throughUserId, targetsDone });
    },
  };

  let complete = true;
  const cpuBefore = cpuUsage();
  const startedAt = clockNs();
  if (limitMs !== null) deadline = startedAt + BigInt(Math.round(limitMs * NS_PER_MS));
  try {
    await strategy.run(context);
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    complete = false;
  }
  const wallNs = clockNs() - startedAt;
  const cpu = cpuUsage(cpuBefore);
  const inMs = (ns: bigint): number => Number(ns) / NS_PER_MS;
  return {
    complete,
    throughUserId,
    targetsDone,
    wallMs: inMs(wallNs),
    phaseMs: {
      read: inMs(phaseNs.read),
      badges: inMs(phaseNs.badges),
      grades: inMs(phaseNs.grades),
      coupons: inMs(phaseNs.coupons),
    },
    retries,
    clientCpuMs: (cpu.user + cpu.system) / 1000,
    peakRssBytes: resourceUsage().maxRSS * 1024,
  };
}

/** Users read per page by strategies that have no chunks. */
const DEFAULT_PAGE_USERS = 1000;

/** Every connection of the pool does something at the same moment, so that none is left to be opened under the clock. */
async function openWholePool(session: OrmSession, connections: number): Promise<void> {
  await Promise.all(Array.from({ length: connections }, () => session.query("SELECT SLEEP(0.02)", [])));
}

async function prepare(assignment: Assignment): Promise<(limitMs: number | null) => Promise<Measured>> {
  const plugs = await load(assignment);
  const options = { storage: plugs.key.storage, poolConnections: assignment.poolConnections };
  {
    await using scratch = await plugs.orm.connect({
      ...options,
      target: { ...assignment.target, schema: assignment.scratch.schema },
    });
    await run(plugs, scratch, assignment, assignment.scratch.share, null, false);
  }
  const session = await plugs.orm.connect({ ...options, target: assignment.target });
  await openWholePool(session, assignment.poolConnections);
  globalThis.gc?.();
  return (limitMs) => run(plugs, session, assignment, assignment.share, limitMs, true);
}

let start: ((limitMs: number | null) => Promise<Measured>) | undefined;

async function handle(message: ToChild): Promise<void> {
  if (message.type === "prepare") {
    if (message.protocol !== PROTOCOL_VERSION) throw new Error(`protocol ${message.protocol} is not ${PROTOCOL_VERSION}`);
    start = await prepare(message.assignment);
    say({ type: "ready" });
  } else {
    if (start === undefined) throw new Error("told to go before it was ready");
    say({ type: "done", measured: await start(message.limitMs) });
  }
}

function fail(error: unknown): void {
  const stage = start === undefined ? "prepare" : "run";
  say({
    type: "failed",
    stage,
    message: error instanceof Error ? error.message : String(error),
    stack: error instanceof Error ? (error.stack ?? null) : null,
  });
}

process.on("message", (message: ToChild) => void handle(message).catch(fail));
process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);
// The parent is gone: nobody would read the result.
process.on("disconnect", () => exit(1));
// Ctrl-C reaches the whole group; the parent decides what becomes of the child.
process.on("SIGINT", () => {});
