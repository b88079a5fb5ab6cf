/** The batch as the service sees it: a process of its own, the flags that follow what it says, and the inbox behind them. */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { messageOf } from "../../lib/errors.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import type { Database } from "../database/database.ts";
import type { Flags } from "../guards/guard.ts";
import type { Drainer } from "../inbox/drain.ts";
import type { Metrics } from "../metrics.ts";
import type { BatchStyle, StrategyModules } from "../options.ts";
import { ApiProblem } from "../problems.ts";
import { claimBatch, findBatch, markFailed, type BatchRow, type Claim } from "./claim.ts";
import type { FromBatch, ToBatch } from "./messages.ts";

const PROCESS = fileURLToPath(new URL("./batch-process.ts", import.meta.url));
/** Node strips no types under node_modules, where an installed bench lies. */
const STRIP_TYPES = import.meta.url.includes("/node_modules/")
  ? ["--import", new URL("../../bin/strip-types.mjs", import.meta.url).href]
  : [];
/** A technique of somebody else's may run in it. What it needs to connect comes by message. */
const WITHOUT_SECRETS = {
  NODE_OPTIONS: "",
  BENCH_DATABASE_URL: undefined,
  BENCH_DATABASE_PASSWORD: undefined,
  BENCH_DATABASE_PASSWORD_FILE: undefined,
  BENCH_API_TOKEN: undefined,
};
const STOP_DEADLINE_MS = 5_000;

export interface BatchRequest {
  /** `2026-01-01` */
  readonly targetDate: string;
  readonly style: BatchStyle;
  readonly chunkUsers: number;
  readonly pauseMs: number;
}

export interface CoordinatorParts {
  readonly database: Database;
  readonly target: ConnectionTarget;
  readonly flags: Flags;
  readonly drainer: Drainer;
  readonly leaseMs: number;
  readonly strategy: StrategyModules | null;
  readonly metrics: Metrics;
  readonly onError: (error: unknown) => void;
}

export class BatchCoordinator {
  readonly #parts: CoordinatorParts;
  #child: ChildProcess | null = null;
  /** all that have not ended, with their ends: one that sleeps may have been taken over */
  readonly #children = new Map<ChildProcess, Promise<void>>();
  /** whose flags they are: the last words of one batch may come when the next has raised its own */
  #claim: Claim | null = null;
  /** when the users of the batch were known, by this process's monotonic clock */
  #chosenAtMs = 0;

  constructor(parts: CoordinatorParts) {
    this.#parts = parts;
  }

  /** The id of the process that runs a batch for this service, for whoever wants to see it end. */
  get processId(): number | null {
    return this.#child?.pid ?? null;
  }

  find(id: number): Promise<BatchRow | null> {
    return findBatch(this.#parts.database, id);
  }

  /**
   * Starts the batch of a date, or takes up where a failed one stopped.
   * @returns its id, as soon as it is ours and everyone's writes wait
   * @throws ApiProblem batch-running, batch-finished, batch-style-differs, style-not-offered, cut-off-locked
   */
  async start(request: BatchRequest): Promise<number> {
    const { database, flags, strategy } = this.#parts;
    if (request.style === "strategy" && strategy === null)
      throw new ApiProblem("style-not-offered", "start the service with a technique and a library for this style");
    const claim = await claimBatch(database, request.targetDate, request.style);
    this.#claim = claim;
    try {
      // before the cut-off, so that few writes are under way when it wants to commit
      await flags.raiseForEveryone(claim);
      this.#spawn(claim, request);
    } catch (error) {
      await flags.clearAll(claim);
      await markFailed(database, claim, `it could not be started: ${messageOf(error)}`);
      throw error;
    }
    return claim.batchId;
  }

  #spawn(claim: Claim, request: BatchRequest): void {
    const { target, leaseMs, strategy } = this.#parts;
    const child = fork(PROCESS, [], {
      serialization: "advanced",
      execArgv: ["--disable-warning=ExperimentalWarning", ...STRIP_TYPES],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      env: { ...process.env, ...WITHOUT_SECRETS },
    });
    this.#child = child;
    child.on("error", (error) => this.#parts.onError(error));
    let last: Promise<unknown> = Promise.resolve();
    let hasSpoken = false;
    child.on("message", (message: FromBatch) => {
      if (message.type === "finished" || message.type === "failed") hasSpoken = true;
      // one after the other, in the order in which it spoke
      last = last.then(() => this.#hear(message, claim)).catch((error: unknown) => this.#parts.onError(error));
    });
    const finish = async (): Promise<void> => {
      const how = await endOf(child);
      await last;
      if (this.#child === child) this.#child = null;
      // The flags stay until their lease is over: the server may still be rolling back what the process held.
      if (!hasSpoken) await this.#markEnded(claim, how);
      this.#parts.drainer.releaseAll();
      this.#children.delete(child);
    };
    this.#children.set(child, finish());
    const assignment = { target, leaseMs, strategy, ...claim, ...request };
    child.send({ type: "start", assignment } satisfies ToBatch);
  }

  async #markEnded(claim: Claim, how: string): Promise<void> {
    const { database, onError } = this.#parts;
    await markFailed(database, claim, `its process ended by itself (${how})`).catch(onError);
  }

  async #hear(message: FromBatch, claim: Claim): Promise<void> {
    const { database, flags, drainer } = this.#parts;
    const hasFlags = this.#claim === claim;
    if (hasFlags) flags.extendLease();
    switch (message.type) {
      case "heartbeat":
        return;
      case "targets":
        this.#chosenAtMs = performance.now();
        if (hasFlags) await flags.narrowTo(claim, message.userIds);
        // whoever is no target was blocked along with everyone
        drainer.releaseAll();
        return;
      case "committed":
        this.#observe(message.userIds.length);
        if (hasFlags) await flags.clear(claim, message.userIds);
        drainer.release(message.userIds);
        return;
      case "failed":
        await markFailed(database, claim, message.message);
        if (hasFlags) await flags.clearAll(claim);
        drainer.releaseAll();
        return;
      case "finished":
        if (hasFlags) await flags.clearAll(claim);
        drainer.releaseAll();
    }
  }

  #observe(users: number): void {
    const seconds = (performance.now() - this.#chosenAtMs) / 1_000;
    for (let user = 0; user < users; user += 1) this.#parts.metrics.batchUser.observe(seconds);
  }

  /**
   * Lets the batch end its transaction under way; the next start of the same date goes on from there. Processes whose batch was
   * taken over have nothing to end, and may never wake up.
   */
  async close(): Promise<void> {
    const killAll = (): void => {
      for (const child of this.#children.keys()) child.kill("SIGKILL");
    };
    for (const child of this.#children.keys())
      if (child !== this.#child) child.kill("SIGKILL");
      else if (child.connected) child.send({ type: "stop" } satisfies ToBatch);
    const kill = setTimeout(killAll, STOP_DEADLINE_MS);
    await Promise.all(this.#children.values());
    clearTimeout(kill);
  }
}

/** The end of a process and of what it had to say, which may arrive after the news of its end. @returns how it ended */
async function endOf(child: ChildProcess): Promise<string> {
  const { promise: exited, resolve: onExit } = Promise.withResolvers<string>();
  const { promise: disconnected, resolve: onDisconnect } = Promise.withResolvers<void>();
  child.once("exit", (code, signal) => onExit(signal ?? `exit code ${code}`));
  child.once("disconnect", onDisconnect);
  // one that never began neither exits nor disconnects
  child.once("error", ({ message }) => {
    if (child.pid !== undefined) return;
    onExit(message);
    onDisconnect();
  });
  const how = await exited;
  await disconnected;
  return how;
}
