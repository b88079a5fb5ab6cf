/**
 * Tries one size after another through one library. Each failure ends its process and its sessions, so that the next attempt starts
 * with an empty heap and new connections.
 */
import { readFile } from "node:fs/promises";
import { clockMs } from "../../lib/clock.ts";
import { NodeProcess } from "../../lib/node-process.ts";
import { connectionPolicy, type PlannedCell } from "../plan/planned-cell.ts";
import { packageOptions } from "../run/measuring-child.ts";
import type { ChildAccount } from "../server-state/account.ts";
import { bytes, duration } from "../text/format.ts";
import { kindOf, messageOfFailure, type Failure } from "./kinds.ts";
import type { FromAttempts, Operation, Sent, ToAttempts, UserIds } from "./messages.ts";
import type { FailedRecord, LimitsSettings, SentRecord } from "./records.ts";
import type { Tried } from "./search.ts";

export interface Attempt extends Tried {
  readonly sent: SentRecord;
  /** null: it worked */
  readonly failed: FailedRecord | null;
}

/** The parts of the server that the search needs. */
export interface ProbedServer {
  readonly account: ChildAccount;
  /** Restores the rows that an attempt left, when its sessions are gone. @returns the number of rows that it left */
  readonly restore: () => Promise<number>;
  /** null: not a process of this machine */
  readonly pid: number | null;
  readonly maxAllowedPacket: number | null;
}

const MEBIBYTE = 2 ** 20;
/** The child only loads the library and opens one connection. */
const OPEN_LIMIT_MS = 60_000;
/** An allocation grows by up to 1 GB/s. */
const WATCH_EVERY_MS = 50;
const PAGE_BYTES = 4_096;
const MAX_STDERR_CHARS = 16_000;

/** Existing users at each end, so that the check finds a statement that the server cut at either end. */
const EXISTING_USERS = 20;
const MISSING_FROM = 1_000_000;
const LAST_FROM = 4_000_000_000;

const numbers = (count: number, from: number): number[] => Array.from({ length: count }, (_, index) => from + index);

export const EXISTING_IDS: readonly number[] = [...numbers(EXISTING_USERS, 1), ...numbers(EXISTING_USERS, LAST_FROM)];

function userIds(rows: number): UserIds {
  const head = Math.min(EXISTING_USERS, Math.ceil(rows / 2));
  const tail = Math.min(EXISTING_USERS, rows - head);
  return {
    first: numbers(head, 1),
    missingFrom: MISSING_FROM,
    missing: rows - head - tail,
    last: numbers(tail, LAST_FROM),
  };
}

async function residentBytes(pid: number): Promise<number | null> {
  const pages = Number((await readFile(`/proc/${pid}/statm`, "utf8").catch(() => "")).split(" ")[1]);
  return Number.isInteger(pages) ? pages * PAGE_BYTES : null;
}

const failureOf = (code: string, message: string): Failure => ({ causes: [{ name: "Error", message, code }], errno: null });

/** The process of the library ended, or bench ended it. A crash is a result. */
class Stopped extends Error {
  readonly failure: Failure;
  constructor(code: string, message: string) {
    super(message);
    this.failure = failureOf(code, message);
  }
}

type Attempts = NodeProcess<ToAttempts, FromAttempts>;

/** No attempt is possible: the library does not load, or it does not connect. */
export class CannotTry extends Error {}

export class Prober implements AsyncDisposable {
  operation: Operation | null = null;
  readonly #planned: PlannedCell;
  readonly #settings: LimitsSettings;
  readonly #server: ProbedServer;
  readonly #signal: AbortSignal;
  #process: Attempts | null = null;
  #stderr = "";
  #isUsed = false;

  constructor(planned: PlannedCell, settings: LimitsSettings, server: ProbedServer, signal: AbortSignal) {
    this.#planned = planned;
    this.#settings = settings;
    this.#server = server;
    this.#signal = signal;
  }

  /** @throws CannotTry, or the reason of the signal */
  async attempt(rows: number, isFresh: boolean): Promise<Attempt> {
    // without this, Ctrl-C before the listener below had no effect for the rest of the search
    this.#signal.throwIfAborted();
    if (isFresh && this.#isUsed) await this.#end();
    const process = this.#process ?? (await this.#open());
    const tried = { rows, isFresh: !this.#isUsed };
    this.#isUsed = true;
    const startedAt = clockMs();
    const answer = await this.#answer(process, rows).catch((error: unknown) => {
      if (error instanceof Stopped) return error;
      throw error;
    });
    const unknown: Sent = { ms: clockMs() - startedAt, bytes: null, placeholders: null };
    const isAnswered = answer !== null && !(answer instanceof Stopped);
    const failure = answer instanceof Stopped ? answer.failure : (answer?.failure ?? null);
    if (!isAnswered || failure !== null) await this.#end();
    // rows that stay would make later attempts fail, or make them work without a write
    const rowsLeft = await this.#server.restore();
    if (isAnswered && failure === null && rowsLeft === 0)
      return { ...tried, outcome: "worked", sent: { rows, ...answer.sent }, failed: null };
    const sent = isAnswered ? answer.sent : unknown;
    if (failure !== null) return this.#failed(tried, sent, failure, rowsLeft);
    if (isAnswered) return this.#failed(tried, sent, failureOf("BENCH_ROWS", "the rollback left rows"), rowsLeft);
    const message = `not done after ${duration(this.#settings.attemptLimitMs)}`;
    const failed = { rows, ...unknown, kind: "time", code: null, message, rowsLeft };
    return { ...tried, outcome: "timed-out", sent: { rows, ...unknown }, failed };
  }

  #failed(
    tried: Pick<Attempt, "rows" | "isFresh">,
    { bytes: sentBytes, ...rest }: Sent,
    failure: Failure,
    rowsLeft: number,
  ): Attempt {
    // every row takes more than one byte; a library that refuses a statement has sent only BEGIN
    const sent = { rows: tried.rows, ...rest, bytes: sentBytes === null || sentBytes < tried.rows ? null : sentBytes };
    const kind = kindOf(failure, { bytes: sent.bytes, maxAllowedPacket: this.#server.maxAllowedPacket });
    const ownCode = failure.causes.find(({ code }) => code !== null && !code.startsWith("BENCH_"))?.code ?? null;
    const code = failure.errno === null ? ownCode : String(failure.errno);
    // the answer of the server does not depend on the memory of the process
    const isFresh = tried.isFresh || failure.errno !== null || kind === "packet";
    return {
      ...tried,
      isFresh,
      outcome: "failed",
      sent,
      failed: { ...sent, kind, code, message: messageOfFailure(failure), rowsLeft },
    };
  }

  /** @returns null after the limit. @throws Stopped, or the reason of the signal */
  async #answer(process: Attempts, rows: number): Promise<Extract<FromAttempts, { type: "tried" }> | null> {
    this.#signal.throwIfAborted();
    const { promise: stopped, reject } = Promise.withResolvers<never>();
    // a rejection before the race below would end the process without its cleanup
    stopped.catch(() => {});
    const onAbort = (): void => reject(this.#signal.reason as Error);
    this.#signal.addEventListener("abort", onAbort, { once: true });
    const stopWatching = await this.#watchMemory(reject);
    try {
      process.send({ type: "try", userIds: userIds(rows) });
      return await Promise.race([process.waitFor("tried", { timeoutMs: this.#settings.attemptLimitMs }), stopped]);
    } finally {
      stopWatching();
      this.#signal.removeEventListener("abort", onAbort);
    }
  }

  /** A statement can take all memory of the machine: UNION ALL costs several KB per row. */
  async #watchMemory(report: (stopped: Stopped) => void): Promise<() => void> {
    const { pid } = this.#server;
    const { serverMemoryBytes } = this.#settings;
    const before = pid === null ? null : await residentBytes(pid);
    if (pid === null || before === null || serverMemoryBytes === null) return () => {};
    const message = `the memory of the server grew by more than ${bytes(serverMemoryBytes)}`;
    const check = async (): Promise<void> => {
      const now = await residentBytes(pid);
      if (now !== null && now - before > serverMemoryBytes) report(new Stopped("BENCH_SERVER_MEMORY", message));
    };
    const timer = setInterval(() => void check(), WATCH_EVERY_MS);
    return () => clearInterval(timer);
  }

  #endOf(how: string): Stopped {
    if (this.#stderr.includes("heap out of memory"))
      return new Stopped("BENCH_HEAP", `JavaScript heap out of memory, with a limit of ${bytes(this.#settings.heapBytes)}`);
    return new Stopped("BENCH_PROCESS", `the process of the library ended (${how})`);
  }

  async #open(): Promise<Attempts> {
    const { cell, modules, orm, packages } = this.#planned;
    const { nodeOptions, environment } = packageOptions(packages);
    const heapMebibytes = Math.ceil(this.#settings.heapBytes / MEBIBYTE);
    const process: Attempts = new NodeProcess(new URL("./attempts-process.ts", import.meta.url), {
      nodeOptions: [`--max-old-space-size=${heapMebibytes}`, ...nodeOptions],
      environment,
      stderr: "pipe",
      killedWithParent: true,
      failures: {
        failed: (message) => new CannotTry(message),
        ended: (how) => this.#endOf(how),
      },
    });
    this.#process = process;
    this.#isUsed = false;
    this.#stderr = "";
    process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-MAX_STDERR_CHARS);
    });
    const target = await this.#server.account.admit();
    process.send({ type: "open", modules, target, connection: connectionPolicy(cell, orm) });
    const opened = await process.waitFor("opened", { timeoutMs: OPEN_LIMIT_MS }).catch((error: unknown) => {
      throw error instanceof Stopped ? new CannotTry(error.message) : error;
    });
    if (opened === null) throw new CannotTry(`the library was not connected after ${duration(OPEN_LIMIT_MS)}`);
    this.operation = opened.operation;
    return process;
  }

  /** The server continues a statement whose client is gone. */
  async #end(): Promise<void> {
    await this.#process?.stop();
    this.#process = null;
    await this.#server.account.killSessions();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end();
  }
}
