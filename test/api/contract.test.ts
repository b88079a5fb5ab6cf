/**
 * The contract of all guards: each route and each kind of write, with the user's row unlocked, and locked by a second
 * connection.
 */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { listGuards } from "../../api/guards/registry.ts";
import { execute, select, selectOne } from "../../lib/connection.ts";
import { DORMANT_USER, holdUser, openTestService, type Answer, type Client, type TestService } from "./service.ts";

const guards = await listGuards();
const SEED_RUN = 1;

let service: TestService;
beforeAll(async () => {
  service = await openTestService("api");
});
afterAll(() => service[Symbol.asyncDispose]());

const USER = 7;
const CATEGORY = 2;
/** Coupon 101 belongs to category 1, and so on. */
const COUPON = 102;

async function seedCoupons(sequences: readonly number[]): Promise<void> {
  await execute(service.admin, "INSERT IGNORE INTO coupon_runs (run_id) VALUES (?)", [SEED_RUN]);
  for (const sequence of sequences)
    await execute(
      service.admin,
      "INSERT INTO coupon_issues_identity (run_id, user_id, coupon_id, sequence, grade, issued_at) VALUES (?, ?, ?, ?, 'GOLD', NOW(6))",
      [SEED_RUN, USER, COUPON, sequence],
    );
}

const writesOf = (
  client: Client,
): readonly (readonly [kind: string, status: number, send: (key?: string) => Promise<Answer>])[] => [
  ["badge", 200, (key) => client.badge(USER, CATEGORY, true, key)],
  ["order", 201, (key) => client.order(USER, key)],
  ["redeem", 200, (key) => client.redeem(USER, COUPON, key)],
];

const count = async (table: string): Promise<number> =>
  (await selectOne<{ found: number }>(service.admin, `SELECT COUNT(*) AS found FROM ${table}`)).found;

describe.each(guards)("guard $id", (guard) => {
  let client: Client & AsyncDisposable;
  beforeAll(async () => {
    client = await service.start({ guard: guard.id });
  });
  afterAll(() => client[Symbol.asyncDispose]());
  beforeEach(async () => {
    await service.clear();
    await seedCoupons([1, 2]);
  });

  it("applies each kind of write at once if the user is not locked, and logs it in the same transaction", async () => {
    for (const [kind, status, send] of writesOf(client)) {
      const answer = await send();
      expect(answer, kind).toMatchObject({ status, body: { userId: USER } });
      const [logged] = await select<{ kind: string; via: string; userId: number }>(
        service.admin,
        "SELECT kind, via, user_id AS userId FROM write_log WHERE log_id = ?",
        [answer.body.logId],
      );
      expect(logged).toEqual({ kind, via: "direct", userId: USER });
    }
    const { body } = await client.call("GET", `/users/${USER}/membership`);
    expect(body).toMatchObject({ userId: USER, coupons: [{ couponId: COUPON, available: 1, redeemed: 1 }] });
    expect(body.badges).toContainEqual(expect.objectContaining({ categoryId: CATEGORY, active: true }));
  });

  it("answers a repeated request under the same key like the first one, and applies it once", async () => {
    for (const [kind, status, send] of writesOf(client)) {
      const key = randomUUID();
      const first = await send(key);
      expect(first.status, kind).toBe(status);
      expect(await send(key.toUpperCase()), kind).toMatchObject({ status, body: first.body });
    }
    expect(await count("write_log")).toBe(3);
    expect(await count("coupon_redemptions")).toBe(1);
    expect(await count("order_ids")).toBe(1);
  });

  it("applies a request once when it arrives eight times at the same moment", async () => {
    for (const [kind, status, send] of writesOf(client)) {
      const key = randomUUID();
      const answers = await Promise.all(Array.from({ length: 8 }, () => send(key)));
      for (const answer of answers) {
        expect([status, 202], kind).toContain(answer.status);
        if (answer.status === 202)
          expect(await client.finalAnswer(key)).toMatchObject({ body: { status: "applied", statusCode: status } });
      }
    }
    expect(await count("write_log")).toBe(3);
    expect(await count("coupon_redemptions")).toBe(1);
    expect(await count("orders JOIN order_ids USING (id)")).toBe(1);
  });

  it("refuses a key that was used with another body, path or user, and changes nothing", async () => {
    const key = randomUUID();
    await client.badge(USER, CATEGORY, true, key);
    for (const other of [
      client.badge(USER, CATEGORY, false, key),
      client.badge(USER, CATEGORY + 1, true, key),
      client.badge(USER + 1, CATEGORY, true, key),
      client.order(USER, key),
      client.redeem(DORMANT_USER, COUPON, key),
    ])
      expect(await other).toMatchObject({ status: 422, body: { type: "/problems/idempotency-key-reused" } });
    expect(await count("write_log")).toBe(1);
    expect(await count("order_ids")).toBe(0);
  });

  it("redeems each coupon once, and then answers 409", async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => client.redeem(USER, COUPON)));
    const statuses = await Promise.all(
      answers.map(async ({ status, headers }) =>
        status === 202 ? (await client.finalAnswer(String(headers.get("location")?.split("/").at(-1)))).body.statusCode : status,
      ),
    );
    expect(statuses.map(String).toSorted()).toEqual(["200", "200", "409", "409"]);
    expect(await count("coupon_redemptions")).toBe(2);
    expect(await client.redeem(USER, COUPON)).toMatchObject({ status: 409, body: { type: "/problems/coupon-not-available" } });
  });

  it("answers reads at once while the user is locked", async () => {
    await using held = await holdUser(service.target, USER);
    try {
      expect((await client.call("GET", `/users/${USER}/membership`)).status).toBe(200);
    } finally {
      await held.release();
    }
  });

  it("stores a write for a locked user, or waits if the guard waits, and applies writes of other users", async () => {
    await using held = await holdUser(service.target, USER);
    const waiting = writesOf(client).map(([kind, status, send]) => ({ kind, status, key: randomUUID(), send }));
    const answers = waiting.map(({ key, send }) => send(key));
    try {
      expect((await client.order(DORMANT_USER)).status).toBe(201);
      if (guard.whenLocked === "store") {
        for (const [index, answer] of answers.entries()) {
          const { status, headers, body } = await answer;
          const { key = "", kind } = waiting[index] ?? {};
          expect({ status, body }, kind).toEqual({ status: 202, body: { requestId: key, status: "accepted" } });
          expect(headers.get("location")).toBe(`/requests/${key}`);
          expect(headers.get("retry-after")).toMatch(/^\d+$/);
          expect((await client.call("GET", `/requests/${key}`)).body).toMatchObject({ status: "pending", userId: USER, kind });
        }
        expect(await count("write_log")).toBe(1);
      }
    } finally {
      await held.release();
    }
    for (const [index, answer] of answers.entries()) {
      const { key = "", status = 0 } = waiting[index] ?? {};
      if ((await answer).status === 202)
        expect((await client.finalAnswer(key)).body).toMatchObject({ status: "applied", statusCode: status });
      else expect((await answer).status).toBe(status);
    }
    expect(await count("write_log")).toBe(4);
  });

  it("lets no direct write overtake a stored one: writes take effect in the order of their answers", async () => {
    await using held = await holdUser(service.target, USER);
    const keys = Array.from({ length: 5 }, () => randomUUID());
    const isWaiting = guard.whenLocked === "fail";
    const first = keys.slice(0, 3).map((key, index) => () => client.badge(USER, CATEGORY, index % 2 === 0, key));
    try {
      // A guard that waits stores nothing. There the order is that of the row lock.
      if (!isWaiting) for (const send of first) expect((await send()).status).toBe(202);
    } finally {
      await held.release();
    }
    if (isWaiting) for (const send of first) await send();
    for (const [index, key] of keys.slice(3).entries())
      expect([200, 202]).toContain((await client.badge(USER, CATEGORY, index % 2 === 1, key)).status);
    for (const key of keys) expect((await client.finalAnswer(key)).body.status).toBe("applied");
    const logged = await select<{ key: string }>(
      service.admin,
      "SELECT LOWER(BIN_TO_UUID(token)) AS `key` FROM write_log WHERE user_id = ? ORDER BY log_id",
      [USER],
    );
    expect(logged.map(({ key }) => key)).toEqual(keys);
  });

  it("answers 404 for a missing user, category, coupon or request", async () => {
    const nobody = 4_000_000_000;
    for (const [answer, code] of [
      [client.badge(nobody, CATEGORY, true), "user-not-found"],
      [client.order(nobody), "user-not-found"],
      [client.redeem(nobody, COUPON), "user-not-found"],
      [client.badge(USER, 999, true), "category-not-found"],
      [client.redeem(USER, 999), "coupon-not-found"],
      [client.call("GET", `/users/${nobody}/membership`), "user-not-found"],
      [client.call("GET", `/requests/${randomUUID()}`), "request-not-found"],
    ] as const)
      expect(await answer).toMatchObject({ status: 404, body: { type: `/problems/${code}`, status: 404 } });
    expect(await count("write_log")).toBe(0);
    expect(await count("inbox")).toBe(0);
  });
});

it("the service stores no write of a missing user while a flag protects all users", async () => {
  await service.clear();
  await using flagged = await service.start({ guard: "db-flag" });
  await execute(service.admin, "INSERT INTO batch_flags (user_id, batch_id) VALUES (0, 1)");
  const key = randomUUID();
  try {
    expect((await flagged.order(USER, key)).status).toBe(202);
    expect(await flagged.order(4_000_000_000)).toMatchObject({ status: 404, body: { type: "/problems/user-not-found" } });
    expect(await count("inbox")).toBe(1);
  } finally {
    await execute(service.admin, "DELETE FROM batch_flags");
  }
  expect((await flagged.finalAnswer(key)).body.status).toBe("applied");
});
