/** Members that a proxy holds at a chosen statement: whatever they miss, each user is written once. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { execute, select } from "../../lib/connection.ts";
import { variants } from "../support/full.ts";
import { isCommit, openGate, type Condition } from "../support/gate.ts";
import { doneUsers, expectFinished, expectRightResult, metricOf } from "./members.ts";
import { openTestService, until, type Client, type TestService } from "./service.ts";

let service: TestService;
beforeAll(async () => {
  service = await openTestService("held_members");
});
afterAll(() => service[Symbol.asyncDispose]());

/** The transaction has locked its users and written everything but its step. */
const hasLocked: Condition = (sent) => sent.includes("INSERT INTO batch_steps");
/** The transaction has read the fence, and has locked no user. */
const willLock: Condition = (sent) => sent.includes("FROM users WHERE id IN") && sent.includes("SKIP LOCKED");

/** The COMMIT of the transaction that contained such a statement. */
function commitAfter(text: string): Condition {
  let own = 0;
  return (sent, connection) => {
    if (sent.includes(text)) own = connection;
    return connection === own && isCommit(sent);
  };
}

interface Two extends AsyncDisposable {
  readonly a: Client;
  readonly b: Client;
  readonly gate: Awaited<ReturnType<typeof openGate>>;
}

/** Member A behind a proxy, and member B without one. */
async function startTwo(): Promise<Two> {
  await using stack = new AsyncDisposableStack();
  const gate = stack.use(await openGate(service.target));
  const a = stack.use(await service.start({ target: gate.target, guard: "memory-flag" }));
  const b = stack.use(await service.start({ guard: "memory-flag" }));
  await until("two members", async () => (await metricOf(b, "api_cluster_members")) === 2);
  const owned = stack.move();
  return { a, b, gate, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const startBy = async (client: Client): Promise<number> =>
  Number((await client.startBatch({ chunkUsers: 5, pauseMs: 20 })).body.id);

/** Rounds of a member that ended this way. */
async function roundsOf(member: Client, outcome: "committed" | "empty" | "failed"): Promise<number> {
  const rounds = await metricOf(member, `api_batch_rounds_total\\{outcome="${outcome}"\\}`);
  // A metric without a value is absent.
  return Number.isNaN(rounds) ? 0 : rounds;
}

describe("a member", () => {
  let two: Two;
  beforeAll(async () => {
    two = await startTwo();
  });
  afterAll(() => two[Symbol.asyncDispose]());
  beforeEach(() => service.reset(true));

  it("that is held after it has locked its users leaves the others to another member, and then commits", async () => {
    const stopping = two.gate.next(hasLocked);
    const id = await startBy(two.b);
    const stopped = await stopping;
    // On a busy machine the server has ended the silent session by now, and B wrote these users too.
    await until("all other users", async () => (await doneUsers(service)) >= service.targets.length - 5);
    stopped.pass();
    await expectFinished(service, two.b, id);
  });

  it("that is held before it locks its users finds them done, and writes nothing", async () => {
    const [empty, failed, committed] = [
      await roundsOf(two.a, "empty"),
      await roundsOf(two.a, "failed"),
      await roundsOf(two.a, "committed"),
    ];
    const stopping = two.gate.next(willLock);
    const id = await startBy(two.b);
    const stopped = await stopping;
    await until("all users", async () => (await doneUsers(service)) === service.targets.length);
    stopped.pass();
    await expectFinished(service, two.b, id);
    // Unique keys roll double work back: without the markers the round fails, and the rows are right.
    await until(
      "the end of the held round",
      async () => (await roundsOf(two.a, "empty")) + (await roundsOf(two.a, "failed")) > empty + failed,
    );
    expect(await roundsOf(two.a, "failed")).toBe(failed);
    expect(await roundsOf(two.a, "committed")).toBe(committed);
  });

  const ends = [
    { what: "arrived and was not answered", end: "loseAnswer" },
    { what: "never arrived", end: "cut" },
  ] as const;
  it.each(variants(ends, ({ end }) => end === "loseAnswer"))(
    "whose COMMIT $what does not write its users again",
    async ({ end }) => {
      const stopping = two.gate.next(commitAfter("INSERT INTO batch_steps"));
      const id = await startBy(two.b);
      (await stopping)[end]();
      await expectFinished(service, two.a, id);
    },
  );

  it("that stays silent inside of a transaction loses its rows to the other member, and writes nothing when it continues", async () => {
    const empty = await roundsOf(two.b, "empty");
    const stopping = two.gate.next(hasLocked);
    const id = await startBy(two.b);
    const stopped = await stopping;
    // The server ends the silent session after 5 s. With a try in each of these 20 polls, a quarter of all rounds found nobody.
    await expectFinished(service, two.b, id);
    expect((await roundsOf(two.b, "empty")) - empty).toBeLessThan(10);
    stopped.pass();
    await expectRightResult(service, id);
  });
});

describe("a member of other two", () => {
  beforeEach(() => service.reset());

  it("that is cut off between the selection of the users and its commit leaves the selection to any member", async () => {
    await using two = await startTwo();
    // A gets the request, so A selects first in most runs. B may select as well.
    const stopping = two.gate.next(commitAfter("INSERT INTO batch_targets"));
    const started = startBy(two.a);
    const first = await Promise.race([stopping, started.then((id) => two.b.batchEnd(id).then(() => null))]);
    first?.cut();
    await expectFinished(service, two.b, await started);
  });

  it("that sleeps while its batch is given up for the next date writes nothing of the first", async () => {
    await using two = await startTwo();
    const stopping = two.gate.next(willLock);
    const first = Number((await two.b.startBatch({ targetDate: "2025-12-01", chunkUsers: 5, pauseMs: 20 })).body.id);
    const stopped = await stopping;
    await execute(service.admin, "CREATE TRIGGER no_steps BEFORE INSERT ON batch_steps FOR EACH ROW SIGNAL SQLSTATE '45000'");
    try {
      // The fence of the sleeping member delays the failure until the server ends its session.
      await execute(service.admin, "UPDATE batch_owners SET attempt = attempt + 1 WHERE batch_id = ?", [first]);
      await execute(service.admin, "UPDATE batches SET status = 'failed' WHERE id = ?", [first]);
    } finally {
      await execute(service.admin, "DROP TRIGGER no_steps");
    }
    const written = await doneUsers(service);
    const second = await two.b.startBatch({ abandon: true });
    expect(second.status).toBe(202);
    expect((await two.b.batchEnd(Number(second.body.id))).body.status).toBe("finished");
    stopped.pass();
    await until("the rest of A's connection", async () => (await metricOf(two.a, "api_cluster_index")) >= 0);
    const [counts] = await select<{ first: number }>(
      service.admin,
      "SELECT COUNT(*) AS first FROM batch_steps JOIN batches ON batches.id = batch_id WHERE target_date = '2025-12-01' AND attempt > 1",
    );
    expect(counts?.first).toBe(0);
    expect(await doneUsers(service)).toBe(written + service.targets.length);
  });
});

describe("a selection that exceeds its limit", () => {
  beforeEach(() => service.reset());

  it("ends on the server too, fails the batch after five attempts, and the next attempt selects", async () => {
    await using client = await service.start({ selectMs: 200 });
    // 0.1 s for each of the users: 28 s, and an open transaction on the fence.
    await execute(
      service.admin,
      "CREATE TRIGGER slow_targets BEFORE INSERT ON batch_targets FOR EACH ROW SET @slept = SLEEP(0.1)",
    );
    const id = await startBy(client);
    try {
      const { body } = await client.batchEnd(id);
      expect(body).toMatchObject({ status: "failed", usersDone: 0 });
      expect(String(body.failure)).toContain("no answer within 200 ms");
    } finally {
      // Waits for the last statement, which a KILL ends.
      await execute(service.admin, "DROP TRIGGER slow_targets");
    }
    expect((await client.startBatch({ chunkUsers: 20 })).status).toBe(202);
    await expectFinished(service, client, id);
  });
});
