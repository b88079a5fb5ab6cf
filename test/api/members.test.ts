/** Several instances on one database: they share a batch, and each of them may end or be cut off at any time. */
import { hostname } from "node:os";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { listPartitionings } from "../../api/cluster/partitionings/registry.ts";
import { ownPartition, usersToHelp } from "../../api/cluster/partition.ts";
import { UndoneUsers } from "../../api/cluster/undone-users.ts";
import { Database } from "../../api/database/database.ts";
import { BATCH_SESSIONS } from "../../api/database/session-limits.ts";
import { DEFAULT_OPTIONS } from "../../api/options.ts";
import { connect, execute, keepIn, select, selectOne } from "../../lib/connection.ts";
import { variants } from "../support/full.ts";
import { openGate } from "../support/gate.ts";
import { doneUsers, expectFinished, metricOf, startMembers, usersByMember } from "./members.ts";
import { DORMANT_USER, holdUser, openTestService, TARGET_DATE, TOKEN, until, type TestService } from "./service.ts";

const partitionings = await listPartitionings();

let service: TestService;
beforeAll(async () => {
  service = await openTestService("members");
});
afterAll(() => service[Symbol.asyncDispose]());

const liveMembers = async (): Promise<number> =>
  (await selectOne<{ live: number }>(service.admin, "SELECT COUNT(*) AS live FROM was_instance")).live;

describe.each(partitionings)("the partitioning $id", (partitioning) => {
  const users = Array.from({ length: 3_000 }, (_, index) => index + 1);
  const membersOf = (count: number): string[] =>
    Array.from({ length: count }, (_, index) => String(index).padStart(32, "0")).toSorted();

  it("gives each user to one member, and each member about the same number", () => {
    for (const count of [1, 2, 3, 7]) {
      const members = membersOf(count);
      const partitions = members.map((_, index) => ownPartition(users, { members, index }, partitioning));
      expect(partitions.flat().toSorted((a, b) => a - b)).toEqual(users);
      for (const partition of partitions)
        expect(Math.abs(partition.length - users.length / count)).toBeLessThan((0.2 * users.length) / count);
    }
  });

  it("gives no user to a member that is not live", () => {
    expect(ownPartition(users, { members: membersOf(3), index: -1 }, partitioning)).toEqual([]);
  });
});

it("the partitioning rendezvous moves only the users of a member that left", () => {
  const rendezvous = partitionings.find(({ id }) => id === "rendezvous");
  if (rendezvous === undefined) throw new Error("no partitioning rendezvous");
  const members = ["a", "b", "c", "d"];
  const rest = ["a", "b", "d"];
  for (let userId = 1; userId <= 2_000; userId += 1) {
    const before = members[rendezvous.ownerOf(userId, members)];
    const after = rest[rendezvous.ownerOf(userId, rest)];
    if (before !== "c") expect(after).toBe(before);
  }
});

describe("a member that helps", () => {
  it("begins at another place than the other members, and leaves them users", () => {
    const undone = Array.from({ length: 300 }, (_, index) => index + 1);
    const members = ["a", "b", "c"];
    const parts = members.map((_, index) => usersToHelp(undone, { members, index }, 200));
    expect(parts.map(([first]) => first)).toEqual([1, 101, 201]);
    expect(parts.map(({ length }) => length)).toEqual([50, 50, 50]);
    expect(usersToHelp(undone, { members, index: -1 }, 10)).toHaveLength(10);
    expect(usersToHelp([5], { members, index: 2 }, 500)).toEqual([5]);
    // the last chunk
    expect(usersToHelp(undone, { members, index: 1 }, 300)).toHaveLength(300);
    expect(usersToHelp([], { members, index: 2 }, 500)).toEqual([]);
  });
});

it("helping members take different users in rounds of one user, and the locked one last", async () => {
  await service.clear();
  await execute(service.admin, "INSERT INTO batch_targets VALUES (9, 1), (9, 2), (9, 3)");
  const settings = { target: service.target, connections: 1, waitMs: 10_000, lockWaitSeconds: 1, ...BATCH_SESSIONS };
  await using database = new Database(settings);
  const [partitioning] = partitionings;
  if (partitioning === undefined) throw new Error("no partitioning");
  // every user belongs to member c, which sleeps
  const ofC = { ...partitioning, ownerOf: () => 2 };
  const members = ["a", "b", "c"];
  const [a, b] = [0, 1].map(() => new UndoneUsers(database, 9, ofC));
  const firstOf = async (undone: UndoneUsers | undefined, index: number): Promise<readonly number[] | undefined> =>
    (await undone?.next({ members, index }, 1, null))?.userIds;
  expect([await firstOf(a, 0), await firstOf(b, 1)]).toEqual([[1], [2]]);
  // user 1 is locked
  a?.took([1], []);
  expect(await firstOf(a, 0)).toEqual([2]);
  await execute(service.admin, "DELETE FROM batch_targets");
});

/** Lets the open batch write its remaining users without pauses. */
const continueQuickly = () => execute(service.admin, "UPDATE batches SET pause_ms = 0, chunk_users = 50");

describe("members", () => {
  beforeEach(() => service.reset());

  // every other test runs the default one
  const others = variants(partitionings, ({ id }) => id !== DEFAULT_OPTIONS.partitioning);
  it.each(others)(
    "share one batch by $id: one of them starts it, all show it, each writes about its part, and each user is written once",
    async ({ id }) => {
      await using members = await startMembers(service, 3, { partitioning: id });
      const body = { chunkUsers: 2, pauseMs: 50 };
      const answers = await Promise.all(members.map((member) => member.startBatch(body)));
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 409, 409]);
      const batchId = Number(answers.find(({ status }) => status === 202)?.body.id);
      for (const { body: refused } of answers.filter(({ status }) => status === 409))
        expect(refused).toMatchObject({ type: "/problems/batch-running", batchId });
      const [first] = members;
      if (first === undefined) throw new Error("no member");
      await expectFinished(service, first, batchId);
      expect((await usersByMember(service)).size).toBe(3);
      const views = await Promise.all(members.map((member) => member.call("GET", `/batches/${batchId}`, { token: TOKEN })));
      for (const view of views) expect(view.body).toEqual(views[0]?.body);
      expect(views[0]?.body.targetDate).toBe(TARGET_DATE);
      expect(await liveMembers()).toBe(3);
    },
  );

  it("finish a batch whose starter leaves, without another request", async () => {
    await using members = await startMembers(service, 2);
    const leaver = await service.start();
    const started = await leaver.startBatch({ chunkUsers: 2, pauseMs: 20 });
    const batchId = Number(started.body.id);
    await until("its first users", async () => (await doneUsers(service)) > 0);
    await leaver[Symbol.asyncDispose]();
    const [first] = members;
    if (first === undefined) throw new Error("no member");
    await expectFinished(service, first, batchId);
    expect(await liveMembers()).toBe(2);
  });

  it("split the users again from three members to four and back, and write each user once", async () => {
    await using members = await startMembers(service, 3);
    const [first] = members;
    if (first === undefined) throw new Error("no member");
    const batchId = Number((await first.startBatch({ chunkUsers: 1, pauseMs: 500 })).body.id);
    const newest = async (): Promise<number> =>
      (await selectOne<{ id: number }>(service.admin, "SELECT COALESCE(MAX(step_id), 0) AS id FROM batch_steps")).id;
    const membersSince = (step: number, count: number) =>
      until(`steps of ${count} members`, async () => {
        const [found] = await select<{ members: number }>(
          service.admin,
          "SELECT COUNT(DISTINCT member) AS members FROM batch_steps WHERE step_id > ?",
          [step],
        );
        return found?.members === count;
      });
    await membersSince(0, 3);
    const fourth = await service.start();
    await membersSince(await newest(), 4);
    await fourth[Symbol.asyncDispose]();
    await membersSince(await newest(), 3);
    await continueQuickly();
    await expectFinished(service, first, batchId);
  });

  it("write the users of a member whose connections are cut, which comes back by itself", async () => {
    await using gate = await openGate(service.target);
    await using cut = await service.start({ target: gate.target });
    await using other = await service.start();
    await until("two members", async () => (await metricOf(other, "api_cluster_members")) === 2);
    const stopping = gate.next((sent) => sent.includes("INSERT INTO batch_steps"));
    const batchId = Number((await other.startBatch({ chunkUsers: 2, pauseMs: 50 })).body.id);
    (await stopping).cut();
    await expectFinished(service, other, batchId);
    expect(await metricOf(cut, "api_cluster_members")).toBe(2);
  });

  it("raise hints on each member, and lower them after rounds of other members", async () => {
    await using members = await startMembers(service, 3, { guard: "memory-flag" });
    const [first, , third] = members;
    if (first === undefined || third === undefined) throw new Error("no members");
    const [heldUser = 0] = service.targets;
    const held = await holdUser(service.target, heldUser);
    const batchId = Number((await first.startBatch({ chunkUsers: 20 })).body.id);
    await until("one hint on each member", async () => {
      const raised = await Promise.all(members.map((member) => metricOf(member, "api_flags_raised")));
      return raised.every((value) => value === 1);
    });
    const answer = await third.badge(heldUser, 1, true);
    expect(answer.status).toBe(202);
    await held.release();
    // without a look at the rows: the deferred write changes one of them right after its round
    expect((await third.batchEnd(batchId)).body).toMatchObject({ status: "finished", failure: null });
    expect((await first.finalAnswer(String(answer.body.requestId))).body).toMatchObject({ status: "applied" });
  });

  it("apply a write that a silent member has stored when one of them writes its user's round, and do not wait for the lease", async () => {
    const patient = { guard: "memory-flag", leaseMs: 600_000 };
    await using gate = await openGate(service.target);
    // The end of a silent member waits for the database.
    const silent = await service.start({ ...patient, target: gate.target, closeMs: 500 });
    await using _silent = silent;
    await using other = await service.start(patient);
    await until("two members", async () => (await metricOf(other, "api_cluster_members")) === 2);
    // In modulo, the silent member has the users of one remainder.
    const index = await metricOf(silent, "api_cluster_index");
    const userId = service.targets.find((id) => id % 2 === index) ?? 0;
    const held = await holdUser(service.target, userId);
    const batchId = Number((await other.startBatch({ chunkUsers: 20 })).body.id);
    const stored = await until("a stored write", async () => {
      const answer = await silent.badge(userId, 1, true);
      return answer.status === 202 && answer;
    });
    gate.freeze();
    await held.release();
    expect((await other.batchEnd(batchId)).body).toMatchObject({ status: "finished" });
    expect((await other.finalAnswer(String(stored.body.requestId))).body).toMatchObject({ status: "applied" });
  });

  it("start while transactions on their tables are open, because they change no table", async () => {
    await using stack = new AsyncDisposableStack();
    const writer = keepIn(stack, await connect(service.target));
    await writer.query("START TRANSACTION");
    for (const table of ["order_ids", "write_log", "inbox", "write_keys", "batches", "was_instance"])
      await select(writer, `SELECT 1 FROM ${table} LIMIT 1`);
    await using member = await service.start();
    expect((await member.order(DORMANT_USER)).status).toBe(201);
  });

  it("forget a member that was silent for ten leases", async () => {
    await execute(
      service.admin,
      `INSERT INTO was_instance (id, address, seen_batch, booted_at, beat_at)
       VALUES (UUID_TO_BIN(UUID()), 'gone', 0, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) - INTERVAL 1 HOUR)`,
    );
    await using _member = await service.start();
    await until("one row", async () => (await liveMembers()) === 1);
  });

  it("are registered with the name of their machine when they listen on all interfaces", async () => {
    await using member = await service.start({ host: "0.0.0.0" });
    const { address } = await selectOne<{ address: string }>(service.admin, "SELECT address FROM was_instance");
    expect(address).toBe(`http://${hostname()}:${new URL(member.server.url).port}`);
  });
});
