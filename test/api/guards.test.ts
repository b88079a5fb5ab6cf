/** Flags without a service: whom they block, and how long. contract.test.ts covers the effect of guards on requests. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Database } from "../../api/database/database.ts";
import { Semaphore } from "../../api/database/semaphore.ts";
import { guard as dbFlag } from "../../api/guards/db-flag.ts";
import { createMemoryFlags } from "../../api/guards/memory-flag.ts";
import { execute } from "../../lib/connection.ts";
import { openTestService, type TestService } from "./service.ts";

const LEASE_MS = 1_000;
const STARTING_LEASE_MS = 20_000;
const BATCH = 5;
const OWNER = { batchId: BATCH, attempt: 1 };

describe("flags in memory", () => {
  const clock = { nowMs: 0 };
  const create = (hasLease = true) =>
    createMemoryFlags({ leaseMs: LEASE_MS, startingLeaseMs: STARTING_LEASE_MS, hasLease }, () => clock.nowMs);
  beforeEach(() => {
    clock.nowMs = 100;
  });

  it("block nobody, then everyone, then only the batch's users, each until its commit", async () => {
    const flags = create();
    expect(flags.blocks(1)).toBe(false);
    await flags.raiseForEveryone(OWNER);
    expect([1, 2, 4_294_967_295].map((userId) => flags.blocks(userId))).toEqual([true, true, true]);
    await flags.narrowTo(OWNER, [1, 2]);
    expect([1, 2, 3].map((userId) => flags.blocks(userId))).toEqual([true, true, false]);
    expect(flags.raised).toBe(2);
    await flags.clear(OWNER, [1]);
    expect([1, 2, 3].map((userId) => flags.blocks(userId))).toEqual([false, true, false]);
    await flags.clearAll(OWNER);
    expect(flags.blocks(2)).toBe(false);
    expect(flags.raised).toBe(0);
  });

  it("expire exactly when the batch was silent for its lease", async () => {
    const flags = create();
    await flags.narrowTo(OWNER, [1]);
    clock.nowMs += LEASE_MS - 1;
    expect(flags.blocks(1)).toBe(true);
    flags.extendLease();
    clock.nowMs += LEASE_MS - 1;
    expect(flags.blocks(1)).toBe(true);
    clock.nowMs += 1;
    expect(flags.blocks(1)).toBe(false);
  });

  it("last for the starting lease at first, and for the usual lease after the first message", async () => {
    const flags = create();
    await flags.raiseForEveryone(OWNER);
    clock.nowMs += STARTING_LEASE_MS - 1;
    expect(flags.blocks(1)).toBe(true);
    flags.extendLease();
    clock.nowMs += LEASE_MS;
    expect(flags.blocks(1)).toBe(false);
    await flags.raiseForEveryone(OWNER);
    clock.nowMs += STARTING_LEASE_MS;
    expect(flags.blocks(1)).toBe(false);
  });

  it("stay forever without a lease, as the fault `no-lease` requires", async () => {
    const flags = create(false);
    await flags.narrowTo(OWNER, [1]);
    clock.nowMs += 1_000 * LEASE_MS;
    expect(flags.blocks(1)).toBe(true);
  });
});

describe("flags in the database", () => {
  let service: TestService;
  let database: Database;
  beforeAll(async () => {
    service = await openTestService("api_flags");
    database = new Database({ target: service.target, connections: 2, waitMs: 5_000, lockWaitSeconds: 1 });
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
    await service[Symbol.asyncDispose]();
  });

  const batch = (id: number, leaseUntil: string): Promise<number> =>
    execute(
      service.admin,
      `REPLACE INTO batches (id, target_date, style, status, lease_until, started_at)
       VALUES (${id}, '2026-01-01' + INTERVAL ${id} DAY, 'chunked', 'running', ${leaseUntil}, NOW(6))`,
    );
  const leaseUntil = (sql: string): Promise<number> => batch(BATCH, sql);
  const own = ({ batchId, attempt }: typeof OWNER): Promise<number> =>
    execute(service.admin, "REPLACE INTO batch_owners (batch_id, attempt) VALUES (?, ?)", [batchId, attempt]);
  beforeEach(async () => {
    await service.clear();
    await own(OWNER);
  });

  /** The flags of two services. */
  const createTwo = () => {
    const create = () => dbFlag.createFlags({ database, leaseMs: LEASE_MS, startingLeaseMs: STARTING_LEASE_MS, hasLease: true });
    const [here, elsewhere] = [create(), create()];
    const blocked = (userIds: readonly number[]): Promise<(boolean | undefined)[]> =>
      database.withSession(async (session) => {
        const answers = [];
        for (const userId of userIds) answers.push(await elsewhere.blocksInDatabase?.(session, userId));
        return answers;
      });
    return { here, elsewhere, blocked };
  };

  it("are the same for every process, and expire by the server's clock", async () => {
    const { here, blocked } = createTwo();
    await leaseUntil("UTC_TIMESTAMP(6) + INTERVAL 1 HOUR");
    expect(await blocked([1, 2])).toEqual([false, false]);
    await here.raiseForEveryone(OWNER);
    expect(await blocked([1, 2])).toEqual([true, true]);
    await here.narrowTo(OWNER, [1]);
    expect(await blocked([1, 2])).toEqual([true, false]);
    await leaseUntil("UTC_TIMESTAMP(6) - INTERVAL 1 MICROSECOND");
    expect(await blocked([1, 2])).toEqual([false, false]);
    await leaseUntil("UTC_TIMESTAMP(6) + INTERVAL 1 HOUR");
    await here.clear(OWNER, [1]);
    expect(await blocked([1, 2])).toEqual([false, false]);
  });

  it.each([
    { whose: "the same batch, taken over", successor: { batchId: BATCH, attempt: 2 } },
    { whose: "the next batch", successor: { batchId: BATCH + 1, attempt: 1 } },
  ])("stay when a service clears them that has lost its batch to $whose", async ({ successor }) => {
    const { here: loser, elsewhere: winner, blocked } = createTwo();
    await loser.raiseForEveryone(OWNER);
    await own(successor);
    await batch(successor.batchId, "UTC_TIMESTAMP(6) + INTERVAL 1 HOUR");
    await winner.raiseForEveryone(successor);
    // Late messages of the process from before the takeover.
    await loser.narrowTo(OWNER, [1]);
    await loser.clear(OWNER, [1]);
    await loser.clearAll(OWNER);
    expect(await blocked([1, 2])).toEqual([true, true]);
    await winner.narrowTo(successor, [1, 2]);
    await loser.clear(OWNER, [1]);
    await loser.clearAll(OWNER);
    expect(await blocked([1, 2, 3])).toEqual([true, true, false]);
    await winner.clear(successor, [1]);
    expect(await blocked([1, 2])).toEqual([false, true]);
    await winner.clearAll(successor);
    expect(await blocked([1, 2])).toEqual([false, false]);
  });
});

describe("places of a semaphore", () => {
  it("go to the callers in order of arrival, and no caller waits longer than its limit", async () => {
    const places = new Semaphore(1);
    expect(await places.acquire(0)).toBe(true);
    const order: string[] = [];
    const wait = async (name: string, limitMs: number): Promise<void> => {
      order.push(`${name} ${(await places.acquire(limitMs)) ? "got it" : "gave up"}`);
    };
    const [first, short, second] = [wait("first", 60_000), wait("short", 1), wait("second", 60_000)];
    await short;
    expect(places.waiting).toBe(2);
    places.release();
    await first;
    expect(places.inUse).toBe(1);
    places.release();
    await second;
    places.release();
    expect(order).toEqual(["short gave up", "first got it", "second got it"]);
    expect([places.inUse, places.waiting]).toEqual([0, 0]);
  });
});
