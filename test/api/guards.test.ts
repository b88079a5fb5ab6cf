/** Flags without a service: whom they block, and how long. contract.test.ts covers the effect of guards on requests. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Hints } from "../../api/cluster/hints.ts";
import type { OpenBatch, Snapshot } from "../../api/cluster/poll.ts";
import { Database } from "../../api/database/database.ts";
import { Semaphore } from "../../api/database/semaphore.ts";
import { REQUEST_SESSIONS } from "../../api/database/session-limits.ts";
import type { Statements } from "../../api/database/session.ts";
import { guard as dbFlag } from "../../api/guards/db-flag.ts";
import { batchRunId } from "../../api/tables.ts";
import { execute } from "../../lib/connection.ts";
import { openTestService, type TestService } from "./service.ts";

const LEASE_MS = 1_000;
const BATCH = 5;
const OWN_STEP = 8;

describe("hints in memory", () => {
  const clock = { nowMs: 0 };
  const undone = new Map<number, number[]>();
  const steps = new Map<number, number[]>();
  let done: number[] = [];
  let lagsMs: number[] = [];
  const create = () =>
    new Hints({
      memberId: "own",
      leaseMs: LEASE_MS,
      areUsed: true,
      source: {
        readSteps: async () => [...steps.keys()],
        readUsers: async (stepIds) =>
          stepIds.map((stepId) => ({
            stepId,
            memberId: stepId === OWN_STEP ? "own" : "other",
            ageMs: "120.5",
            userIds: steps.get(stepId) ?? [],
          })),
        readUndone: async (batchId) => undone.get(batchId) ?? [],
      },
      onDone: (userIds) => done.push(...userIds),
      onNobody: () => {},
      onLag: (lagMs) => lagsMs.push(lagMs),
      now: () => clock.nowMs,
    });
  const open = (batch: Partial<OpenBatch> = {}): Snapshot => ({
    batches: [
      {
        batchId: BATCH,
        attempt: 1,
        status: "running",
        style: "chunked",
        targetDate: "2026-01-01",
        chunkUsers: 500,
        pauseMs: 0,
        isAlive: true,
        ...batch,
      },
    ],
    view: { members: [], index: -1 },
    atMs: clock.nowMs,
  });
  const none = (): Snapshot => ({ ...open(), batches: [] });
  beforeEach(() => {
    clock.nowMs = 100;
    undone.clear();
    steps.clear();
    undone.set(BATCH, [1, 2]);
    done = [];
    lagsMs = [];
  });

  it("block nobody while a member selects, then the undone users, each until its step or its round", async () => {
    const hints = create();
    expect(hints.blocks(1)).toBe(false);
    await hints.update(open({ status: "selecting" }));
    expect(hints.blocks(1)).toBe(false);
    await hints.update(open());
    expect([1, 2, 3].map(hints.blocks)).toEqual([true, true, false]);
    expect(hints.raised).toBe(2);
    hints.lower([1]);
    expect([1, 2].map(hints.blocks)).toEqual([false, true]);
    steps.set(7, [2]);
    await hints.update(open());
    expect([1, 2].map(hints.blocks)).toEqual([false, false]);
    expect(done).toEqual([1, 2]);
  });

  it("measure how long they outlast the rounds of other members, and not the rounds of this one", async () => {
    const hints = create();
    await hints.update(open());
    steps.set(7, [1]).set(OWN_STEP, [2]);
    await hints.update(open());
    expect(lagsMs).toEqual([120.5]);
  });

  it("find a step with a lower id that was committed later", async () => {
    const hints = create();
    await hints.update(open());
    steps.set(9, [1]);
    await hints.update(open());
    expect([1, 2].map(hints.blocks)).toEqual([false, true]);
    steps.set(8, [2]);
    await hints.update(open());
    expect(hints.blocks(2)).toBe(false);
  });

  it("end with the batch, and begin again with its next attempt or the next batch", async () => {
    const hints = create();
    await hints.update(open());
    await hints.update(none());
    expect([hints.blocks(1), hints.raised]).toEqual([false, 0]);
    undone.set(BATCH, [2]);
    await hints.update(open({ attempt: 2 }));
    expect([1, 2].map(hints.blocks)).toEqual([false, true]);
    undone.set(BATCH + 1, [3]);
    await hints.update(open({ batchId: BATCH + 1 }));
    expect([1, 2, 3].map(hints.blocks)).toEqual([false, false, true]);
    await hints.update(open({ batchId: BATCH + 1, isAlive: false }));
    expect(hints.blocks(3)).toBe(false);
  });

  it("lapse exactly one lease after the begin of the last poll", async () => {
    const hints = create();
    await hints.update(open());
    clock.nowMs += LEASE_MS - 1;
    expect(hints.blocks(1)).toBe(true);
    await hints.update(open());
    clock.nowMs += LEASE_MS - 1;
    expect(hints.blocks(1)).toBe(true);
    clock.nowMs += 1;
    expect([hints.blocks(1), hints.raised]).toEqual([false, 0]);
  });
});

describe("flags in the database", () => {
  let service: TestService;
  let database: Database;
  beforeAll(async () => {
    service = await openTestService("api_flags");
    const settings = { target: service.target, connections: 2, waitMs: 5_000, lockWaitSeconds: 1 };
    database = new Database({ ...settings, ...REQUEST_SESSIONS });
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
    await service[Symbol.asyncDispose]();
  });
  beforeEach(() => service.clear());

  const { flags } = dbFlag;
  if (flags === null) throw new Error("db-flag has no flags");
  const inSession = (work: (session: Statements) => Promise<unknown>) => database.transaction(work);
  const blocked = (userIds: readonly number[]): Promise<boolean[]> =>
    database.withSession(async (session) => {
      const answers = [];
      for (const userId of userIds) answers.push(await flags.blocks(session, userId));
      return answers;
    });
  const targets = (userIds: readonly number[]): Promise<unknown> =>
    service.admin.query("INSERT INTO batch_targets (batch_id, user_id) VALUES ?", [userIds.map((userId) => [BATCH, userId])]);
  const markDone = (userId: number): Promise<unknown> =>
    execute(
      service.admin,
      "INSERT INTO grade_logs_identity (run_id, user_id, previous_grade, new_grade, changed_at) VALUES (?, ?, 'GOLD', 'VIP', NOW(6))",
      [batchRunId(BATCH), userId],
    );

  it("block everyone, then the targets, then nobody", async () => {
    expect(await blocked([1, 2])).toEqual([false, false]);
    await inSession((session) => flags.raiseForEveryone(session, BATCH));
    expect(await blocked([1, 2])).toEqual([true, true]);
    await targets([1]);
    await inSession((session) => flags.narrow(session, BATCH));
    expect(await blocked([1, 2])).toEqual([true, false]);
    await inSession((session) => flags.lower(session, BATCH, [1]));
    expect(await blocked([1, 2])).toEqual([false, false]);
  });

  it("of a resumed batch block its undone users, and none stays after its end", async () => {
    await targets([1, 2, 3]);
    await markDone(2);
    await inSession((session) => flags.raiseForUndone(session, BATCH));
    expect(await blocked([1, 2, 3])).toEqual([true, false, true]);
    await inSession((session) => flags.lowerAll(session, BATCH));
    expect(await blocked([1, 2, 3])).toEqual([false, false, false]);
  });

  it("of another batch stay when a batch lowers its own", async () => {
    await inSession((session) => flags.raiseForEveryone(session, BATCH + 1));
    await inSession((session) => flags.lowerAll(session, BATCH));
    await inSession((session) => flags.lower(session, BATCH, [1]));
    expect(await blocked([1])).toEqual([true]);
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
