/** The batch beside requests: its result, its cut-off, its state after a kill, and the authorization to start it. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { batchRunId } from "../../api/tables.ts";
import { listPlugIns } from "../../harness/registry.ts";
import { verify } from "../../harness/verify/rows.ts";
import { connect, execute, select, selectOne } from "../../lib/connection.ts";
import { openGate } from "../support/gate.ts";
import { isFull, variants } from "../support/full.ts";
import { holdUser, openTestService, TARGET_DATE, TOKEN, until, type Client, type TestService } from "./service.ts";
import { TECHNIQUE } from "./technique.ts";

let service: TestService;
beforeAll(async () => {
  service = await openTestService("api_batch");
});
afterAll(() => service[Symbol.asyncDispose]());
beforeEach(() => service.reset());

const identity = (await listPlugIns("key")).find(({ value }) => value.id === "identity");

async function expectRightResult(batchId: number): Promise<void> {
  if (identity === undefined) throw new Error("no key identity");
  const users = [{ firstUserId: 1, lastUserId: 1_000 }];
  const options = { runId: batchRunId(batchId), key: identity.value, done: users, restUntouched: true, steps: null };
  expect(await verify(service.admin, options)).toEqual({ verified: true });
}

const badgeOf = async (userId: number, categoryId: number): Promise<boolean> =>
  (
    await selectOne<{ active: number }>(service.admin, "SELECT active FROM badges WHERE user_id = ? AND category_id = ?", [
      userId,
      categoryId,
    ])
  ).active === 1;

const expectedBadge = async (userId: number, categoryId: number): Promise<boolean> =>
  (
    await selectOne<{ active: number }>(
      service.admin,
      "SELECT active FROM _expected_badges WHERE user_id = ? AND category_id = ?",
      [userId, categoryId],
    )
  ).active === 1;

const doneOf = async (): Promise<number> =>
  (await selectOne<{ done: number }>(service.admin, "SELECT COUNT(*) AS done FROM grade_logs_identity")).done;

/** A user in the middle of the batch, and the last one. */
const middleUser = (): number => service.targets[Math.floor(service.targets.length / 2)] ?? 0;
const lastUser = (): number => service.targets.at(-1) ?? 0;

async function finish(client: Client, body: Record<string, unknown>): Promise<number> {
  const started = await client.startBatch(body);
  expect(started).toMatchObject({ status: 202, body: { targetDate: TARGET_DATE, status: "selecting" } });
  const id = Number(started.body.id);
  expect(started.headers.get("location")).toBe(`/batches/${id}`);
  expect((await client.batchEnd(id)).body).toMatchObject({ status: "finished", targets: service.targets.length, failure: null });
  return id;
}

describe("a batch", () => {
  it
    .runIf(isFull)
    .each([{ style: "chunked", chunkUsers: 20 }, { style: "chunked", chunkUsers: 1_000, pauseMs: 1 }, { style: "strategy" }])(
    "writes exactly what the oracle expects: $style",
    async (body) => {
      await using client = await service.start({ strategy: TECHNIQUE });
      const id = await finish(client, body);
      await expectRightResult(id);
      expect((await client.call("GET", `/batches/${id}`, { token: TOKEN })).body.usersDone).toBe(service.targets.length);
      expect((await client.call("GET", "/metrics")).body.text).toMatch(/^api_flags_raised 0$/m);
    },
  );

  it.each(
    variants(
      [
        { workers: 3, parallel: "connections", split: "modulo" },
        { workers: 3, parallel: null, split: "modulo" },
        { workers: 3, parallel: "connections", split: null },
      ] as const,
      ({ parallel, split }) => parallel !== null && split !== null,
    ),
  )("writes exactly what the oracle expects by $workers workers of a technique: $parallel, $split", async (division) => {
    await using client = await service.start({ strategy: { ...TECHNIQUE, ...division } });
    const id = await finish(client, { style: "strategy", chunkUsers: 20 });
    await expectRightResult(id);
    expect((await client.call("GET", `/batches/${id}`, { token: TOKEN })).body.usersDone).toBe(service.targets.length);
  });

  it("raises its flags in the database, clears the flags of each chunk, waits for a locked user, and leaves none", async () => {
    await using client = await service.start({ guard: "db-flag" });
    await using held = await holdUser(service.target, middleUser());
    const flagged = async (): Promise<number> =>
      (await selectOne<{ flagged: number }>(service.admin, "SELECT COUNT(*) AS flagged FROM batch_flags")).flagged;
    const id = Number((await client.startBatch({ chunkUsers: 20 })).body.id);
    // The rounds leave out the locked user.
    await until("the flag of the locked user only", async () => {
      const [flags, done] = [await flagged(), await doneOf()];
      return done === service.targets.length - 1 && flags === 1;
    });
    await until("a wait for the row", async () => {
      const { waits } = await selectOne<{ waits: number }>(
        service.admin,
        "SELECT COUNT(*) AS waits FROM performance_schema.data_lock_waits",
      );
      return waits > 0;
    });
    expect((await client.call("GET", `/batches/${id}`, { token: TOKEN })).body.status).toBe("running");
    const stored = await client.order(middleUser());
    expect(stored.status).toBe(202);
    expect((await client.order(service.targets[0] ?? 0)).status).toBe(201);
    await held.release();
    expect((await client.batchEnd(id)).body.status).toBe("finished");
    expect(await flagged()).toBe(0);
    expect((await client.finalAnswer(String(stored.body.requestId))).body).toMatchObject({ status: "applied" });
    await expectRightResult(id);
  });

  it("of the style long reports its progress before its single transaction ends, and writes exactly what the oracle expects", async () => {
    await using client = await service.start();
    // The batch writes the first half, and then waits for this user.
    await using held = await holdUser(service.target, middleUser());
    const id = Number((await client.startBatch({ style: "long" })).body.id);
    await until("half of the users", async () => {
      const { body } = await client.call("GET", `/batches/${id}`, { token: TOKEN });
      return body.status === "running" && Number(body.usersDone) > 0;
    });
    expect(await doneOf()).toBe(0);
    await held.release();
    expect((await client.batchEnd(id)).body.usersDone).toBe(service.targets.length);
    await expectRightResult(id);
    expect((await client.call("GET", "/metrics")).body.text).toMatch(/^api_flags_raised 0$/m);
  });

  it("runs once per date and one at a time, and a refused start returns its number", async () => {
    await using client = await service.start();
    await using held = await holdUser(service.target, middleUser());
    const [first, second] = await Promise.all([client.startBatch({ chunkUsers: 10 }), client.startBatch({ chunkUsers: 10 })]);
    const [winner, loser] = first.status === 202 ? [first, second] : [second, first];
    expect(winner.status).toBe(202);
    const { id } = winner.body;
    expect(loser).toMatchObject({ status: 409, body: { type: "/problems/batch-running", batchId: id } });
    expect(await client.startBatch({ targetDate: "2025-12-01" })).toMatchObject({ status: 409, body: { batchId: id } });
    await held.release();
    expect((await client.batchEnd(Number(id))).body).toMatchObject({ status: "finished", usersDone: service.targets.length });
    expect(await client.startBatch()).toMatchObject({
      status: 409,
      body: { type: "/problems/batch-finished", batchId: id },
    });
    await expectRightResult(Number(id));
    expect((await client.call("GET", "/metrics")).body.text).toMatch(/^api_flags_raised 0$/m);
  });

  it("answers 503, and not that the batch runs, while a transaction of the failed attempt is open", async () => {
    await using client = await service.start({ guard: "no-wait" });
    await execute(
      service.admin,
      `INSERT INTO batches (id, target_date, style, status, chunk_users, pause_ms, started_at, cut_off_at)
       VALUES (5, ?, 'chunked', 'failed', 500, 0, NOW(6), NOW(6))`,
      [TARGET_DATE],
    );
    await execute(service.admin, "INSERT INTO batch_owners (batch_id, attempt) VALUES (5, 2)");
    const open = await connect(service.target);
    await open.query("START TRANSACTION");
    await open.query("SELECT attempt FROM batch_owners WHERE batch_id = 5 FOR UPDATE");
    const refused = await client.startBatch();
    await open.end();
    expect(refused).toMatchObject({ status: 503, body: { type: "/problems/batch-rolling-back", batchId: 5 } });
    expect(refused.headers.get("retry-after")).toBe("1");
    const id = await until("the next attempt", async () => (await client.startBatch()).body.id);
    expect((await client.batchEnd(Number(id))).body.status).toBe("finished");
  });

  it("starts after the writes in progress, wins over them, and answers 503 while one of them stays open", async () => {
    await using client = await service.start({ guard: "no-wait" });
    const open = await connect(service.target);
    await open.query("START TRANSACTION");
    await open.query("SELECT batch_id FROM batch_cutoff WHERE id = 1 FOR SHARE");
    const refused = await client.startBatch();
    await open.end();
    expect(refused).toMatchObject({ status: 503, body: { type: "/problems/cut-off-locked" } });
    expect(refused.headers.get("retry-after")).toBe("5");
    expect(await select(service.admin, "SELECT * FROM batches")).toEqual([]);
    // A waiting exclusive lock delays every write, so the member does not ask again at once.
    expect(await client.startBatch()).toMatchObject({ status: 503, body: { type: "/problems/cut-off-locked" } });

    await using other = await service.start({ guard: "no-wait" });
    const user = middleUser();
    const wrong = !(await expectedBadge(user, 1));
    // A manual write, in the steps of a direct one, that has not committed yet.
    const writer = await connect(service.target);
    await writer.query("START TRANSACTION");
    await writer.query("SELECT id FROM users WHERE id = ? FOR UPDATE", [user]);
    await writer.query("SELECT batch_id FROM batch_cutoff WHERE id = 1 FOR SHARE");
    const starting = other.startBatch();
    await writer.query("UPDATE badges SET active = ? WHERE user_id = ? AND category_id = 1", [wrong, user]);
    await writer.query(
      "INSERT INTO badge_overrides (user_id, category_id, active, changed_at, after_batch_id, token) VALUES (?, 1, ?, NOW(6), 0, ?)",
      [user, wrong, Buffer.alloc(16)],
    );
    await writer.query("COMMIT");
    await writer.end();
    const id = Number((await starting).body.id);
    expect((await other.batchEnd(id)).body.status).toBe("finished");
    expect(await badgeOf(user, 1)).toBe(!wrong);
    await expectRightResult(id);
  });

  it("keeps manual changes after its cut-off and overwrites earlier ones", async () => {
    await using gate = await openGate(service.target);
    await using client = await service.start({ guard: "no-wait", target: gate.target });
    const [before, after] = [lastUser(), middleUser()];
    const [wrongBefore, wrongAfter] = [!(await expectedBadge(before, 1)), !(await expectedBadge(after, 1))];
    expect((await client.badge(before, 1, wrongBefore)).status).toBe(200);
    // Stops the batch after its cut-off, before it writes a user.
    const stopping = gate.next((sent) => sent.includes("INSERT INTO batch_targets"));
    const id = Number((await client.startBatch({ chunkUsers: 10 })).body.id);
    const stopped = await stopping;
    expect((await client.badge(after, 1, wrongAfter)).status).toBe(200);
    stopped.pass();
    expect((await client.batchEnd(id)).body.status).toBe("finished");
    expect(await badgeOf(before, 1)).toBe(!wrongBefore);
    expect(await badgeOf(after, 1)).toBe(wrongAfter);
    const [override] = await select<{ batchId: number }>(
      service.admin,
      "SELECT after_batch_id AS batchId FROM badge_overrides WHERE user_id = ?",
      [after],
    );
    expect(override?.batchId).toBe(id);
  });

  it("restores manual changes that a technique overwrote", async () => {
    await using client = await service.start({ guard: "no-wait", strategy: TECHNIQUE });
    const user = middleUser();
    const wrong = !(await expectedBadge(user, 1));
    await using held = await holdUser(service.target, service.targets[0] ?? 0);
    const { body } = await client.startBatch({ style: "strategy", chunkUsers: 10 });
    const id = Number(body.id);
    await until("the cut-off", async () => (await client.call("GET", `/batches/${id}`, { token: TOKEN })).body.cutOffAt !== null);
    expect((await client.badge(user, 1, wrong)).status).toBe(200);
    await held.release();
    expect((await client.batchEnd(id)).body.status).toBe("finished");
    expect(await badgeOf(user, 1)).toBe(wrong);
  });

  it("fails with the reason if it cannot read its constants or commit, and the dates run in order: again, or given up", async () => {
    await using client = await service.start({ guard: "db-flag" });
    const failed = async (targetDate: string): Promise<unknown> => {
      const id = Number((await client.startBatch({ targetDate, abandon: true })).body.id);
      return (await client.batchEnd(id)).body;
    };
    await execute(service.admin, "RENAME TABLE coupons TO coupons_away");
    try {
      const failure = expect.stringContaining("coupons' doesn't exist");
      expect(await failed("2025-12-01")).toMatchObject({ id: 1, status: "failed", failure, usersDone: 0 });
    } finally {
      await execute(service.admin, "RENAME TABLE coupons_away TO coupons");
    }
    const refused = await client.startBatch();
    expect(refused).toMatchObject({ status: 409, body: { type: "/problems/earlier-batch-failed", batchId: 1 } });

    // five failures without a commit
    await execute(
      service.admin,
      "CREATE TRIGGER no_steps BEFORE INSERT ON batch_steps FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no steps today'",
    );
    try {
      expect(await failed(TARGET_DATE)).toMatchObject({ id: 2, status: "failed", failure: "no steps today", usersDone: 0 });
      expect(await doneOf()).toBe(0);
      for (const written of [
        "SELECT * FROM batch_flags",
        "SELECT 1 FROM coupon_issues_identity",
        "SELECT 1 FROM users JOIN _snapshot_users AS before_it USING (id) WHERE users.grade <> before_it.grade",
      ])
        expect(await select(service.admin, written)).toEqual([]);
      expect((await client.order(middleUser())).status).toBe(201);
    } finally {
      await execute(service.admin, "DROP TRIGGER no_steps");
    }
    expect((await client.call("GET", "/batches/1", { token: TOKEN })).body.status).toBe("abandoned");
    expect(await finish(client, {})).toBe(2);
    await expectRightResult(2);
    const older = await client.startBatch({ targetDate: "2025-12-01" });
    expect(older).toMatchObject({ status: 409, body: { type: "/problems/newer-batch-exists", batchId: 2 } });
  });

  it("resumes only in its own kind of style, because techniques commit the rows of a user separately", async () => {
    await using client = await service.start({ guard: "no-wait", strategy: TECHNIQUE });
    await execute(service.admin, "INSERT INTO batch_owners (batch_id, attempt) VALUES (1, 1)");
    const failed = (style: string): Promise<number> =>
      execute(
        service.admin,
        `REPLACE INTO batches (id, target_date, style, status, chunk_users, pause_ms, started_at, cut_off_at)
         VALUES (1, ?, ?, 'failed', 500, 0, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))`,
        [TARGET_DATE, style],
      );
    for (const [began, requested] of [
      ["strategy", "chunked"],
      ["strategy", "long"],
      ["chunked", "strategy"],
      ["long", "strategy"],
    ] as const) {
      await failed(began);
      const type = "/problems/batch-style-differs";
      expect(await client.startBatch({ style: requested })).toMatchObject({ status: 409, body: { type, batchId: 1 } });
    }
    await failed("long");
    expect((await client.startBatch({ style: "chunked" })).status).toBe(202);
    expect((await client.batchEnd(1)).body).toMatchObject({ status: "finished", style: "chunked" });
    await expectRightResult(1);
  });

  it.runIf(isFull)("lets a thousand stored writes take effect in order after its end", async () => {
    await using client = await service.start({ guard: "memory-flag", leaseMs: 60_000, poolWaitMs: 60_000 });
    await using held = await holdUser(service.target, service.targets[0] ?? 0);
    const id = Number((await client.startBatch({ style: "long" })).body.id);
    await until("hints", async () => {
      const { body } = await client.call("GET", "/metrics");
      return Number(/^api_flags_raised (\d+)$/m.exec(String(body.text))?.[1]) > 0;
    });
    const users = service.targets.slice(0, 50);
    const keys = new Map<number, string[]>(users.map((userId) => [userId, []]));
    for (let round = 0; round < 20; round += 1)
      await Promise.all(
        users.map(async (userId) => {
          const key = randomUUID();
          expect((await client.badge(userId, 1, round % 2 === 0, key)).status).toBe(202);
          keys.get(userId)?.push(key);
        }),
      );
    await held.release();
    expect((await client.batchEnd(id)).body.status).toBe("finished");
    await until("an empty inbox", async () => {
      const [row] = await select(service.admin, "SELECT 1 FROM inbox WHERE status = 'pending' LIMIT 1");
      return row === undefined;
    });
    const logged = await select<{ userId: number; key: string }>(
      service.admin,
      "SELECT user_id AS userId, LOWER(BIN_TO_UUID(token)) AS `key` FROM write_log WHERE kind = 'badge' ORDER BY log_id",
    );
    const applied = Map.groupBy(logged, ({ userId }) => userId);
    for (const [userId, sent] of keys) expect(applied.get(userId)?.map(({ key }) => key)).toEqual(sent);
  });
});

describe("a refused request for a batch", () => {
  let client: Client & AsyncDisposable;
  beforeAll(async () => {
    client = await service.start();
  });
  afterAll(() => client[Symbol.asyncDispose]());

  it("requires the token, and answers 403 to every wrong one", async () => {
    for (const [method, path, body] of [
      ["POST", "/batches", { targetDate: TARGET_DATE }],
      ["GET", "/batches/1", undefined],
    ] as const) {
      const without = await client.call(method, path, { body });
      expect(without).toMatchObject({ status: 401, body: { type: "/problems/missing-token" } });
      expect(without.headers.get("www-authenticate")).toBe("Bearer");
      for (const token of ["x", `${TOKEN}x`, TOKEN.slice(0, -1)])
        expect(await client.call(method, path, { body, token })).toMatchObject({ status: 403 });
    }
    expect(await select(service.admin, "SELECT * FROM batches")).toEqual([]);
  });

  it("refuses future and invalid dates, invalid fields, and a style without modules", async () => {
    for (const [body, code] of [
      [{ targetDate: "2099-01-01" }, "future-target-date"],
      [{ targetDate: "2026-02-30" }, "invalid-request"],
      [{ targetDate: "1'; DROP TABLE users; --" }, "invalid-request"],
      [{ style: "strategy" }, "style-not-offered"],
      [{ style: "fast" }, "invalid-request"],
      [{ chunkUsers: 0 }, "invalid-request"],
      [{ pauseMs: -1 }, "invalid-request"],
      [{ chunkUsers: 10_001 }, "invalid-request"],
      [{ extra: true }, "invalid-request"],
    ] as const)
      expect(await client.startBatch(body), JSON.stringify(body)).toMatchObject({
        status: 400,
        body: { type: `/problems/${code}` },
      });
    expect(await client.call("GET", "/batches/77", { token: TOKEN })).toMatchObject({ status: 404 });
    expect(await select(service.admin, "SELECT * FROM batches")).toEqual([]);
  });
});
