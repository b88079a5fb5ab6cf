/**
 * The work of one member at open batches. Every member works on a batch that is selecting or running, without a request. So a crash of
 * one member stops no batch.
 */
import { setTimeout as delay } from "node:timers/promises";
import { messageOf } from "../../lib/errors.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { failBatch, finishBatch } from "../batch/end.ts";
import { NotMine } from "../batch/fence.ts";
import { readJob, type Job } from "../batch/job.ts";
import { runRound } from "../batch/round.ts";
import { selectTargets } from "../batch/select.ts";
import { Database, type DatabaseObserver } from "../database/database.ts";
import { BATCH_SESSIONS } from "../database/session-limits.ts";
import { isPassing } from "../database/errors.ts";
import type { FlagRows } from "../guards/guard.ts";
import { hasFault } from "../faults.ts";
import type { Partitioning } from "./partitionings/partitioning.ts";
import type { OpenBatch, Polls } from "./poll.ts";
import { UndoneUsers } from "./undone-users.ts";

/** Of one member in one attempt, without a commit of its rounds between them. */
const MAX_FAILURES = 5;
/** With only SKIP LOCKED, a row that is always locked could starve the batch. After these polls the member waits for the row. */
const MAX_EMPTY_POLLS = 20;
/**
 * The wait when other transactions hold all users that are left: 2 s with the default poll. A member may sleep inside of its round, and all
 * others try its rows: at one try per poll, 17.5 % of all rounds found nobody.
 */
const STALLED_POLLS = 8;
const LOCK_WAIT_SECONDS = 1;
const POOL_WAIT_MS = 60_000;
/** The attribute of a session that runs rounds: the id of its member, in hex. */
export const MEMBER_ATTRIBUTE = "member";

export interface WorkerParts {
  readonly target: ConnectionTarget;
  /** 16 bytes */
  readonly member: Buffer;
  readonly polls: Polls;
  readonly partitioning: Partitioning;
  /** the longest time for the statement that selects the users */
  readonly selectMs: number;
  readonly flags: FlagRows | null;
  readonly observer: DatabaseObserver;
  readonly onRound: (round: Round) => void;
  readonly onError: (error: unknown) => void;
}

/** `empty`: the users were locked or done. */
export interface Round {
  readonly outcome: "committed" | "empty" | "failed";
  /** committed by this round */
  readonly userIds: readonly number[];
  /** sent by this round, with the reading before its transaction, BEGIN and COMMIT */
  readonly statements: number;
  /** from the begin of the work of this member at the batch to the end of the round */
  readonly sinceBeginMs: number;
}

/** The number of polls to wait for; 0: continue at once. */
type WaitPolls = number;

/** The state of the batch in the memory of the member that works on it. */
interface Work {
  readonly database: Database;
  /** null before the first pass. A failure to read the job counts as a failure of the batch: otherwise the batch would stay open. */
  job: Job | null;
  readonly undone: UndoneUsers;
  failures: number;
  /** waited for since a round of this member found users */
  emptyPolls: number;
  /** a number that differs for each attempt to wait for a row */
  turn: number;
  /** the users of the last round belonged to the partition of this member */
  wasOwnPartition: boolean;
  /** by the monotonic clock; null while the batch selects */
  runningSinceMs: number | null;
  /** on the session of the batch */
  readonly sent: { statements: number };
  /** sent before the current round */
  statementsBefore: number;
}

export class BatchWorker {
  readonly #parts: WorkerParts;
  readonly #over = new AbortController();
  #working: Promise<void> | null = null;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#working = this.#keepWorking();
  }

  /** Finishes the current round. */
  async close(): Promise<void> {
    this.#over.abort();
    await this.#working;
  }

  get #isClosing(): boolean {
    return this.#over.signal.aborted;
  }

  async #keepWorking(): Promise<void> {
    const { polls, onError } = this.#parts;
    while (!this.#isClosing) {
      const batch = polls.snapshot.batches.find(({ style }) => style === "chunked");
      if (batch !== undefined) await this.#workOn(batch).catch(onError);
      if (!this.#isClosing) await polls.next();
    }
  }

  /** Returns after the batch has ended, or when it is in another attempt. */
  async #workOn(batch: OpenBatch): Promise<void> {
    const { target, member, polls, partitioning, observer } = this.#parts;
    const settings = {
      target,
      attributes: { [MEMBER_ATTRIBUTE]: member.toString("hex") },
      connections: 1,
      waitMs: POOL_WAIT_MS,
      lockWaitSeconds: LOCK_WAIT_SECONDS,
      ...BATCH_SESSIONS,
    };
    const sent = { statements: 0 };
    await using database = new Database(settings, { ...observer, statement: () => (sent.statements += 1) });
    const work: Work = {
      database,
      job: null,
      undone: new UndoneUsers(database, batch.batchId, partitioning),
      failures: 0,
      emptyPolls: 0,
      turn: 0,
      wasOwnPartition: false,
      runningSinceMs: null,
      sent,
      statementsBefore: 0,
    };
    const currently = (): OpenBatch | undefined =>
      polls.snapshot.batches.find(({ batchId, attempt }) => batchId === batch.batchId && attempt === batch.attempt);
    for (;;) {
      const current = currently();
      if (current === undefined || this.#isClosing) return;
      const count = await this.#pass(current, work).catch((error: unknown) => this.#afterFailure(error, current, work));
      const { members } = polls.snapshot.view;
      // Another view or another state of the batch changes what is left to do.
      for (let waited = 0; waited < count && !this.#isClosing; waited += 1) {
        await polls.next();
        if (currently()?.status !== current.status || polls.snapshot.view.members !== members) break;
      }
    }
  }

  async #pass(batch: OpenBatch, work: Work): Promise<WaitPolls> {
    work.job ??= await readJob(work.database, batch);
    return batch.status === "selecting" ? this.#select(batch, work, work.job) : this.#round(batch, work, work.job);
  }

  async #select(batch: OpenBatch, { database, undone }: Work, job: Job): Promise<WaitPolls> {
    const { polls, flags, selectMs } = this.#parts;
    if (hasFault("undone-before-status")) await undone.next(polls.snapshot.view, batch.chunkUsers, null);
    if (await selectTargets(database, batch, job, flags, selectMs)) polls.now();
    return 1;
  }

  async #round(batch: OpenBatch, work: Work, job: Job): Promise<WaitPolls> {
    const { member, polls, flags } = this.#parts;
    const { database, undone } = work;
    work.runningSinceMs ??= performance.now();
    const isPatient = work.emptyPolls >= MAX_EMPTY_POLLS;
    const { userIds, isOwnPartition } = await undone.next(polls.snapshot.view, batch.chunkUsers, isPatient ? work.turn : null);
    const isOver = userIds.length === 0 || (!isOwnPartition && hasFault("finishes-unchecked"));
    if (isOver) return this.#finish(batch, work);
    if (!isOwnPartition && hasFault("no-help")) return 1;
    // The last rounds of the other members are under way: to help at once found a third of all users locked in short batches.
    if (work.wasOwnPartition && !isOwnPartition) {
      work.wasOwnPartition = false;
      undone.refresh();
      return 1;
    }
    work.wasOwnPartition = isOwnPartition;
    const parts = { database, job, claim: batch, member, flags };
    work.statementsBefore = work.sent.statements;
    const round = runRound(parts, userIds, isPatient ? "" : " SKIP LOCKED");
    const committed = await (hasFault("completes-despite-failure") ? round.catch(() => userIds) : round);
    undone.took(userIds, committed);
    this.#report(work, committed.length === 0 ? "empty" : "committed", committed);
    if (committed.length === 0) return isPatient ? this.#passRow(work) : this.#stall(work);
    work.failures = 0;
    // One user got its turn. The others get one pass in the usual way before the next wait for a row.
    work.emptyPolls = isPatient ? MAX_EMPTY_POLLS - 1 : 0;
    if (batch.pauseMs > 0) await delay(batch.pauseMs, undefined, { signal: this.#over.signal }).catch(() => {});
    return 0;
  }

  /** Other transactions hold the rows. While other users are free, the next poll is soon enough for the next try. */
  #stall(work: Work): WaitPolls {
    const count = work.undone.hasFreeUsers ? 1 : STALLED_POLLS;
    work.emptyPolls += count;
    return count;
  }

  /** The row stayed locked for the whole wait: the next one gets its turn. */
  #passRow(work: Work): WaitPolls {
    work.emptyPolls += 1;
    work.turn += 1;
    return 1;
  }

  #report(work: Work, outcome: Round["outcome"], userIds: readonly number[]): void {
    const now = performance.now();
    const statements = work.sent.statements - work.statementsBefore;
    this.#parts.onRound({ outcome, userIds, statements, sinceBeginMs: now - (work.runningSinceMs ?? now) });
  }

  async #finish(batch: OpenBatch, { database, undone }: Work): Promise<WaitPolls> {
    const { polls, flags } = this.#parts;
    if (await finishBatch(database, batch, flags)) polls.now();
    else undone.forget();
    return 1;
  }

  async #afterFailure(error: unknown, batch: OpenBatch, work: Work): Promise<WaitPolls> {
    const { flags, onError } = this.#parts;
    // A round whose commit got no answer may be done.
    work.undone.refresh();
    if (error instanceof NotMine) return 1;
    this.#report(work, "failed", []);
    // A row that stays locked is no failure, however often a round waits for it.
    if (isPassing(error)) return this.#passRow(work);
    onError(error);
    work.failures += 1;
    if (work.failures < MAX_FAILURES) return 1;
    try {
      await failBatch(work.database, batch, reasonOf(error), flags);
    } catch (reason) {
      if (!(reason instanceof NotMine)) onError(reason);
    }
    return 1;
  }
}

/** `the database does not answer: the server gave no answer within 10000 ms` */
const reasonOf = (error: unknown): string =>
  error instanceof Error && error.cause instanceof Error ? `${error.message}: ${messageOf(error.cause)}` : messageOf(error);
