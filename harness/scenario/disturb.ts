/** Applies a disturbance in the middle of a batch, and reads the later rounds of the other members from the committed rows. */
import { findPartitioning } from "../../api/cluster/partitionings/registry.ts";
import type { ApiOptions } from "../../api/options.ts";
import { clockMs } from "../../lib/clock.ts";
import { select, selectOne, type Connection } from "../../lib/connection.ts";
import { setTimeout as delay } from "node:timers/promises";
import { holdsUsers } from "./held-users.ts";
import type { DisturbanceChoice, Instances } from "./disturbances/disturbance.ts";
import { disturbanceOf } from "./disturbances/registry.ts";
import type { RunningInstances } from "./instances.ts";
import type { ApiSampleRecord } from "./records.ts";

type DisturbanceRecord = NonNullable<NonNullable<ApiSampleRecord["cluster"]>["disturbance"]>;

export interface DisturberParts {
  readonly connection: Connection;
  readonly instances: RunningInstances;
  readonly choice: DisturbanceChoice;
  readonly service: Pick<ApiOptions, "partitioning" | "leaseMs" | "pollMs">;
  /** between the rounds of a member */
  readonly pauseMs: number;
  readonly requestedAtMs: number;
}

const FREE_EVERY_MS = 10;
const FREE_DEADLINE_MS = 60_000;

/** An instance that writes no rounds any more. */
interface Victim {
  /** hex */
  readonly member: string;
  /** ids of the live members at that time, sorted */
  readonly members: readonly string[];
}

interface Applied {
  readonly atMs: number;
  /** by the server's clock, after the disturbance */
  readonly serverTime: string;
  readonly victim: Victim | null;
  /** from the pause to the end of the transaction of the victim; null: it holds no rows of users */
  readonly rowsFreeMs: number | null;
}

export class Disturber implements AsyncDisposable {
  readonly #parts: DisturberParts;
  #applying: Promise<Applied> | null = null;
  #isOver = false;

  constructor(parts: DisturberParts) {
    this.#parts = parts;
  }

  /** At each progress of the batch: applies the disturbance once, when it is due. @param done users written, of all targets */
  onProgress(done: number, targets: number): void {
    if (this.#applying !== null || done < this.#parts.choice.at * targets) return;
    this.#applying = this.#apply();
    // `applied` reports a failure.
    this.#applying.catch(() => {});
  }

  async #apply(): Promise<Applied> {
    const { connection, instances, choice, requestedAtMs, service } = this.#parts;
    const live = await select<{ id: string; address: string }>(
      connection,
      `SELECT LOWER(HEX(id)) AS id, address FROM was_instance
       WHERE beat_at > UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND ORDER BY id`,
      [service.leaseMs * 1_000],
    );
    const urls = Array.from({ length: instances.count }, (_, index) => instances.urlOf(index));
    const memberOf = (index: number): string | undefined => live.find(({ address }) => address === urls[index])?.id;
    const holds = async (member: string | undefined): Promise<boolean | null> =>
      member === undefined ? null : await holdsUsers(connection, member);
    let appliedAtMs = clockMs();
    const timed: Instances = {
      count: instances.count,
      kill: (index) => instances.kill(index),
      pause(index) {
        appliedAtMs = clockMs();
        instances.pause(index);
      },
      resume: () => instances.resume(),
      scale: (to) => instances.scale(to),
    };
    const index = await disturbanceOf(choice).apply(timed, choice, { holdsUsers: (index) => holds(memberOf(index)) });
    const { now } = await selectOne<{ now: string }>(
      connection,
      "SELECT CAST(UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND AS CHAR) AS now",
      [Math.round((clockMs() - appliedAtMs) * 1_000)],
    );
    const member = index === null ? undefined : memberOf(index);
    const victim = member === undefined ? null : { member, members: live.map(({ id }) => id) };
    const rowsFreeMs = (await holds(member)) === true ? await this.#untilFree(() => holds(member), appliedAtMs) : null;
    return { atMs: appliedAtMs - requestedAtMs, serverTime: now, victim, rowsFreeMs };
  }

  /** @returns null after the deadline, or the end of the sample */
  async #untilFree(holds: () => Promise<boolean | null>, sinceMs: number): Promise<number | null> {
    const deadline = clockMs() + FREE_DEADLINE_MS;
    while (clockMs() < deadline && !this.#isOver) {
      if ((await holds()) !== true) return clockMs() - sinceMs;
      await delay(FREE_EVERY_MS);
    }
    return null;
  }

  /** Waits for the disturbance after an error or Ctrl-C too: an instance that started later stayed alive, and `bench` never ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#applying?.catch(() => {});
  }

  /** Waits for the end of a disturbance that is in progress. @throws BenchError SERVICE_FAILED, NGINX_FAILED */
  async applied(): Promise<void> {
    await this.#applying;
  }

  /** After the batch. @returns null if the batch ended before the disturbance was due */
  async read(batchId: number, longestRoundMs: number | null): Promise<DisturbanceRecord | null> {
    const applied = await this.#applying;
    if (applied === null) return null;
    const { serverTime, victim, rowsFreeMs } = applied;
    const { connection, service, pauseMs } = this.#parts;
    const { us: serverAtUs } = await selectOne<{ us: number | string }>(
      connection,
      "SELECT TIMESTAMPDIFF(MICROSECOND, started_at, ?) AS us FROM batches WHERE id = ?",
      [serverTime, batchId],
    );
    const when = { atMs: applied.atMs, serverAtMs: Number(serverAtUs) / 1_000, rowsFreeMs };
    if (victim === null)
      return { ...when, lostPartitionUsers: null, firstCommitMs: null, lastCommitMs: null, firstCommitLimitMs: null };
    const partitioning = await findPartitioning(service.partitioning);
    const later = await select<{ users: number[]; us: number | string }>(
      connection,
      `SELECT user_ids AS users, TIMESTAMPDIFF(MICROSECOND, ?, finished_at) AS us FROM batch_steps
       WHERE batch_id = ? AND finished_at > ? AND LOWER(HEX(member)) <> ? ORDER BY finished_at`,
      [serverTime, batchId, serverTime, victim.member],
    );
    const index = victim.members.indexOf(victim.member);
    const isLost = (userId: number): boolean => partitioning.ownerOf(userId, victim.members) === index;
    const commits = later.flatMap(({ users, us }) => {
      const count = users.filter(isLost).length;
      return count === 0 ? [] : [{ count, ms: Number(us) / 1_000 }];
    });
    return {
      ...when,
      lostPartitionUsers: commits.reduce((sum, { count }) => sum + count, 0),
      firstCommitMs: commits[0]?.ms ?? null,
      lastCommitMs: commits.at(-1)?.ms ?? null,
      firstCommitLimitMs: longestRoundMs === null ? null : service.leaseMs + service.pollMs + 2 * (longestRoundMs + pauseMs),
    };
  }
}
