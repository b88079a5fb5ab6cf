/**
 * The view of one member: open batches with their attempt, and live members, read in one statement every `pollMs`. A member needs
 * no message from another one. While the database does not answer, the last view stays; rounds fail by themselves.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Claim } from "../batch/fence.ts";
import type { Database } from "../database/database.ts";
import { hasFault } from "../faults.ts";
import type { BatchStyle } from "../options.ts";
import type { View } from "./partition.ts";

/** An open batch. Status and attempt come from one statement: read apart, a failed attempt could look like the current one. */
export interface OpenBatch extends Claim {
  readonly status: "selecting" | "running";
  readonly style: BatchStyle;
  readonly targetDate: string;
  readonly chunkUsers: number;
  readonly pauseMs: number;
  /** false after the lease of the process that runs it */
  readonly isAlive: boolean;
}

export interface Snapshot {
  readonly batches: readonly OpenBatch[];
  readonly view: View;
  /** the begin of the poll, by the monotonic clock in ms */
  readonly atMs: number;
}

/** The values of the poller that a worker reads. */
export interface Polls {
  readonly snapshot: Snapshot;
  /** Starts the next poll at once: after a change by this member. */
  now(): void;
  /** Waits for a poll that begins after this call and succeeds, or for the end of the poller. */
  next(): Promise<void>;
}

export interface PollerParts {
  readonly database: Database;
  /** hex */
  readonly memberId: string;
  readonly pollMs: number;
  readonly leaseMs: number;
  /** after each successful poll; the next poll waits for it */
  readonly onPoll: (snapshot: Snapshot) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

interface PollRow {
  readonly memberId: string | null;
  readonly batchId: number | null;
  readonly attempt: number | null;
  readonly status: OpenBatch["status"] | null;
  readonly style: BatchStyle | null;
  readonly targetDate: string | null;
  readonly chunkUsers: number | null;
  readonly pauseMs: number | null;
  readonly isAlive: number | null;
}

const POLL = `
  SELECT LOWER(HEX(id)) AS memberId, NULL AS batchId, NULL AS attempt, NULL AS status, NULL AS style, NULL AS targetDate,
    NULL AS chunkUsers, NULL AS pauseMs, NULL AS isAlive
  FROM was_instance WHERE beat_at > UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND
  UNION ALL
  SELECT NULL, batches.id, attempt, status, style, DATE_FORMAT(target_date, '%Y-%m-%d'), chunk_users, pause_ms,
    COALESCE(lease_until > UTC_TIMESTAMP(6), 1)
  FROM batches JOIN batch_owners ON batch_owners.batch_id = batches.id WHERE status IN ('selecting', 'running')`;

type BatchPollRow = { readonly [Key in keyof PollRow]: NonNullable<PollRow[Key]> };

const isBatch = (row: PollRow): row is BatchPollRow => row.batchId !== null;

/** @returns `known` while it has the same content, so that values computed from it can be kept */
export const sameMembers = (known: readonly string[], found: readonly string[]): readonly string[] =>
  known.length === found.length && known.every((id, index) => id === found[index]) ? known : found;

/** Only with a fault. */
async function readAttempts(database: Database): Promise<ReadonlyMap<number, number>> {
  const rows = await database.withSession((session) =>
    session.rows<{ batchId: number; attempt: number }>("SELECT batch_id AS batchId, attempt FROM batch_owners"),
  );
  return new Map(rows.map(({ batchId, attempt }) => [batchId, attempt]));
}

export class Poller implements Polls {
  readonly #parts: PollerParts;
  readonly #over = new AbortController();
  #wake = new AbortController();
  #snapshot: Snapshot = { batches: [], view: { members: [], index: -1 }, atMs: Number.NEGATIVE_INFINITY };
  #polling: Promise<void> | null = null;
  #waiting: PromiseWithResolvers<void>[] = [];

  constructor(parts: PollerParts) {
    this.#parts = parts;
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Polls once, then every `pollMs`. */
  async start(): Promise<void> {
    await this.#poll();
    this.#polling = this.#keepPolling();
  }

  now(): void {
    this.#wake.abort();
  }

  next(): Promise<void> {
    const waiting = Promise.withResolvers<void>();
    if (this.#over.signal.aborted) waiting.resolve();
    else this.#waiting.push(waiting);
    return waiting.promise;
  }

  async #keepPolling(): Promise<void> {
    while (!this.#over.signal.aborted) {
      const signal = AbortSignal.any([this.#over.signal, this.#wake.signal]);
      await delay(this.#parts.pollMs, undefined, { signal }).catch(() => {});
      if (this.#over.signal.aborted) return;
      if (this.#wake.signal.aborted) this.#wake = new AbortController();
      await this.#poll().catch(this.#parts.onError);
    }
  }

  async #poll(): Promise<void> {
    const { database, leaseMs, memberId, onPoll } = this.#parts;
    const waiting = this.#waiting;
    this.#waiting = [];
    try {
      const atMs = performance.now();
      const rows = await database.withSession((session) => session.rows<PollRow>(POLL, [leaseMs * 1_000]));
      const found = rows.flatMap((row) => row.memberId ?? []).toSorted();
      const attempts = hasFault("attempt-read-apart") ? await readAttempts(database) : null;
      const members = sameMembers(this.#snapshot.view.members, found);
      this.#snapshot = {
        batches: rows.filter(isBatch).map(({ memberId: _memberId, ...row }) => ({
          ...row,
          isAlive: row.isAlive === 1,
          attempt: attempts?.get(row.batchId) ?? row.attempt,
        })),
        view: { members, index: members.indexOf(memberId) },
        atMs,
      };
      await onPoll(this.#snapshot);
    } catch (error) {
      // They wait for the first poll that succeeds.
      this.#waiting.push(...waiting);
      throw error;
    }
    for (const each of waiting) each.resolve();
  }

  async stop(): Promise<void> {
    this.#over.abort();
    for (const each of this.#waiting.splice(0)) each.resolve();
    await this.#polling;
    // A last poll that failed has put its callers back.
    for (const each of this.#waiting.splice(0)) each.resolve();
  }
}
