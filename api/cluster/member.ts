/**
 * One instance as a member of the cluster: its row, its poll, its hints and its work at batches. A single instance is a cluster
 * of one; there is no other mode.
 */
import { randomBytes } from "node:crypto";
import { serverErrorNumber } from "../../lib/connection.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { Database } from "../database/database.ts";
import { REQUEST_SESSIONS } from "../database/session-limits.ts";
import { hasFault } from "../faults.ts";
import type { Guard } from "../guards/guard.ts";
import type { Metrics } from "../metrics.ts";
import type { ApiOptions } from "../options.ts";
import { Hints } from "./hints.ts";
import { Membership } from "./membership.ts";
import type { Partitioning } from "./partitionings/partitioning.ts";
import { Poller } from "./poll.ts";
import { hintsSource } from "./steps.ts";
import { WorkerThread } from "./worker-thread.ts";

const ID_BYTES = 16;
const ER_NO_SUCH_THREAD = 1094;
const WAIT_MS = 60_000;
const LOCK_WAIT_SECONDS = 1;
/** One for the poll, and one to end statements that the member has given up. */
const POLL_CONNECTIONS = 2;

export interface MemberParts {
  readonly options: Pick<ApiOptions, "target" | "heartbeatMs" | "leaseMs" | "pollMs" | "selectMs" | "faults">;
  readonly guard: Guard;
  readonly partitioning: Partitioning;
  readonly metrics: Metrics;
  /** these users are done: their stored writes can take effect */
  readonly onDone: (userIds: readonly number[]) => void;
  /** a round of this member has done these users of other partitions: the member that stored their writes may be gone */
  readonly onHelped: (userIds: readonly number[]) => void;
  /** no batch owns any user */
  readonly onNobody: () => void;
  readonly onError: (error: unknown) => void;
}

export class Member {
  /** new at each start, 16 bytes */
  readonly id: Buffer;
  readonly poller: Poller;
  readonly hints: Hints;
  readonly #membership: Membership;
  readonly #worker: WorkerThread;
  readonly #partitioning: Partitioning;
  readonly #databases: readonly Database[];

  constructor({ options, guard, partitioning, metrics, onDone, onHelped, onNobody, onError }: MemberParts) {
    const { target, heartbeatMs, leaseMs, pollMs, selectMs, faults } = options;
    const settings = memberSettings(target);
    const polls = new Database({ ...settings, connections: POLL_CONNECTIONS });
    // A separate connection: a poll that waits must not make the member look dead.
    const heartbeats = new Database({ ...settings, connections: 1 });
    this.#databases = [polls, heartbeats];
    this.#partitioning = partitioning;
    this.id = randomBytes(ID_BYTES);
    const memberId = this.id.toString("hex");
    this.hints = new Hints({
      source: hintsSource(polls),
      memberId,
      leaseMs,
      areUsed: guard.usesHints && !hasFault("hints-not-raised"),
      areKept: hasFault("hints-not-lowered"),
      onDone,
      onNobody,
      onLag: (lagMs) => metrics.hintLag.observe(lagMs / 1_000),
    });
    this.poller = new Poller({
      database: polls,
      memberId,
      pollMs,
      leaseMs,
      onPoll: async (snapshot) => {
        // First: the hints read the database, and a thread needs time to start.
        this.#worker.update(snapshot);
        await this.hints.update(snapshot);
      },
      onError,
    });
    this.#membership = new Membership({
      database: heartbeats,
      id: this.id,
      heartbeatMs,
      leaseMs,
      seenBatch: () => this.hints.seenBatch,
      onError,
    });
    this.#worker = new WorkerThread({
      assignment: { target, member: memberId, partitioning: partitioning.id, guard: guard.id, selectMs, faults },
      polls: this.poller,
      onRound: ({ outcome, userIds, statements, sinceBeginMs }) => {
        metrics.rounds.inc({ outcome });
        metrics.roundStatements.inc({ outcome }, statements);
        for (const _user of userIds) metrics.batchUser.observe(sinceBeginMs / 1_000);
        if (userIds.length > 0) this.hints.lower(userIds);
        const helped = userIds.filter((userId) => !this.owns(userId));
        if (helped.length > 0) onHelped(helped);
      },
      onDeadlock: () => metrics.deadlocks.inc(),
      onGivenUp: (connectionId) => void endStatement(polls, connectionId).catch(onError),
      onError,
    });
  }

  /** @param address shown to operators. @throws ApiProblem database-unavailable */
  async join(address: string): Promise<void> {
    await this.#membership.join(address);
    await this.poller.start();
    this.#worker.prepare();
  }

  /** true: the user is in the partition of this member, by its last poll; without live members, every user is */
  readonly owns = (userId: number): boolean => {
    const { members, index } = this.poller.snapshot.view;
    return members.length === 0 || this.#partitioning.ownerOf(userId, members) === index;
  };

  /** Finishes the current round, and leaves the cluster. Other members continue an open batch. */
  async leave(): Promise<void> {
    // The poller first: the worker may wait for a poll.
    await Promise.all([this.poller.stop(), this.#worker.close()]);
    await this.#membership.leave();
    for (const database of this.#databases) await database[Symbol.asyncDispose]();
  }
}

const memberSettings = (target: ConnectionTarget) => ({
  target,
  waitMs: WAIT_MS,
  lockWaitSeconds: LOCK_WAIT_SECONDS,
  ...REQUEST_SESSIONS,
});

/** A closed connection does not end its statement on the server. */
async function endStatement(database: Database, connectionId: number): Promise<void> {
  await database
    .withSession((session) => session.text(`KILL ${connectionId}`, []))
    .catch((error: unknown) => {
      // The server has ended it already.
      if (serverErrorNumber(error) !== ER_NO_SUCH_THREAD) throw error;
    });
}
