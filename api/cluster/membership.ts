/** The row of this instance in `was_instance`, and its heartbeat on a separate connection. */
import { setTimeout as delay } from "node:timers/promises";
import type { Database } from "../database/database.ts";

/** Rows that were silent for this many leases belong to members that never come back under their id. */
const FORGET_AFTER_LEASES = 10;
const MICROSECONDS = 1_000;

export interface MembershipParts {
  readonly database: Database;
  /** 16 bytes, new at each start */
  readonly id: Buffer;
  readonly heartbeatMs: number;
  readonly leaseMs: number;
  /** the last batch that this member has read */
  readonly seenBatch: () => number;
  readonly onError: (error: unknown) => void;
}

export class Membership {
  readonly #parts: MembershipParts;
  readonly #over = new AbortController();
  #beating: Promise<void> | null = null;

  constructor(parts: MembershipParts) {
    this.#parts = parts;
  }

  /** Registers the member and starts its heartbeat. @param address shown to operators */
  async join(address: string): Promise<void> {
    await this.#beat(address);
    this.#beating = this.#keepBeating(address);
  }

  /** Inserts the row again if another member has deleted it, so a member that slept for long comes back by itself. */
  async #beat(address: string): Promise<void> {
    const { database, id, leaseMs, seenBatch } = this.#parts;
    await database.withSession(async (session) => {
      await session.run(
        `INSERT INTO was_instance (id, address, seen_batch, booted_at, beat_at)
         VALUES (?, ?, ?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)) AS new
         ON DUPLICATE KEY UPDATE address = new.address, seen_batch = new.seen_batch, beat_at = new.beat_at`,
        [id, address, seenBatch()],
      );
      await session.run("DELETE FROM was_instance WHERE beat_at < UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND", [
        FORGET_AFTER_LEASES * leaseMs * MICROSECONDS,
      ]);
    });
  }

  async #keepBeating(address: string): Promise<void> {
    const { signal } = this.#over;
    for (;;) {
      await delay(this.#parts.heartbeatMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      await this.#beat(address).catch(this.#parts.onError);
    }
  }

  /** Deletes the row, so that the other members need not wait for the lease. */
  async leave(): Promise<void> {
    this.#over.abort();
    await this.#beating;
    if (this.#beating === null) return;
    const { database, id, onError } = this.#parts;
    await database.withSession((session) => session.run("DELETE FROM was_instance WHERE id = ?", [id])).catch(onError);
  }
}
