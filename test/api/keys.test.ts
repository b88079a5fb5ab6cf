/** Writes that meet under one idempotency key, a closed window, and a stored write that always fails. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { execute, select } from "../../lib/connection.ts";
import { metricOf } from "./members.ts";
import { DORMANT_USER, holdUser, openTestService, until, type Answer, type TestService } from "./service.ts";

const USER = 7;
const OTHER = 8;

let service: TestService;
beforeAll(async () => {
  service = await openTestService("api_keys");
});
afterAll(() => service[Symbol.asyncDispose]());
beforeEach(() => service.clear());

const statusesOf = (answers: readonly Answer[]): number[] => answers.map(({ status }) => status).toSorted((a, b) => a - b);
const effects = (): Promise<{ userId: number; outcome: string }[]> =>
  select(service.admin, "SELECT user_id AS userId, outcome FROM write_log");

describe("a key", () => {
  it("of a stored write is refused for another user's write, and the stored write takes effect under it", async () => {
    await using client = await service.start({ guard: "no-wait" });
    const held = await holdUser(service.target, USER);
    const key = randomUUID();
    expect((await client.order(USER, key)).status).toBe(202);
    expect(await client.order(OTHER, key)).toMatchObject({ status: 422, body: { type: "/problems/idempotency-key-reused" } });
    await held.release();
    expect((await client.finalAnswer(key)).body).toMatchObject({ status: "applied", userId: USER });
    expect((await client.order(USER, key)).status).toBe(201);
    expect(await client.order(OTHER, key)).toMatchObject({ status: 422 });
    expect(await effects()).toEqual([{ userId: USER, outcome: "applied" }]);
  });

  it("of a write that took effect is refused for a write that would be stored", async () => {
    await using client = await service.start({ guard: "no-wait" });
    const key = randomUUID();
    expect((await client.order(OTHER, key)).status).toBe(201);
    await using _held = await holdUser(service.target, USER);
    expect(await client.order(USER, key)).toMatchObject({ status: 422 });
    expect(await select(service.admin, "SELECT 1 FROM inbox")).toEqual([]);
  });

  it("that two users' writes bring at the same moment belongs to one of them, direct or stored", async () => {
    await using client = await service.start({ guard: "no-wait" });
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const held = await holdUser(service.target, USER);
      const key = randomUUID();
      const answers = await Promise.all([client.order(USER, key), client.order(OTHER, key)]);
      expect([
        [201, 422],
        [202, 422],
      ]).toContainEqual(statusesOf(answers));
      await held.release();
      const { body } = await client.finalAnswer(key);
      expect(body).toMatchObject({ status: "applied", userId: answers[0]?.status === 422 ? OTHER : USER });
    }
    expect(await effects()).toHaveLength(10);
  });
});

it("an order gets the time of the server, and none within a closed window", async () => {
  await using client = await service.start();
  const [clock] = await select<{ now: Date }>(service.admin, "SELECT UTC_TIMESTAMP(6) AS now");
  const first = await client.order(DORMANT_USER);
  expect(Date.parse(String(first.body.orderedAt))).toBeGreaterThanOrEqual((clock?.now.getTime() ?? 0) - 1);
  await execute(service.admin, "UPDATE batch_cutoff SET not_before = '2099-01-01'");
  expect((await client.order(DORMANT_USER)).body.orderedAt).toBe("2099-01-01T00:00:00.000Z");
});

it("a stored write that always fails is refused in the end, and does not block the next one of its user", async () => {
  await using client = await service.start({ guard: "no-wait" });
  const held = await holdUser(service.target, USER);
  const [order, badge] = [randomUUID(), randomUUID()];
  expect((await client.order(USER, order)).status).toBe(202);
  expect((await client.badge(USER, 1, true, badge)).status).toBe(202);
  await execute(service.admin, "CREATE TRIGGER no_orders BEFORE INSERT ON orders FOR EACH ROW SIGNAL SQLSTATE '45000'");
  try {
    await held.release();
    expect((await client.finalAnswer(badge)).body).toMatchObject({ status: "applied" });
    expect((await client.finalAnswer(order)).body).toMatchObject({ status: "refused", statusCode: 500 });
  } finally {
    await execute(service.admin, "DROP TRIGGER no_orders");
  }
});

it("a stored write takes effect after a time in which the server could write nothing", async () => {
  await using client = await service.start({ guard: "no-wait" });
  const held = await holdUser(service.target, USER);
  const order = randomUUID();
  expect((await client.order(USER, order)).status).toBe(202);
  // as a server whose transactions are read-only; five failures of the write itself would refuse it
  await execute(
    service.admin,
    "CREATE TRIGGER no_orders BEFORE INSERT ON orders FOR EACH ROW SIGNAL SQLSTATE '25006' SET MYSQL_ERRNO = 1792",
  );
  try {
    await held.release();
    await until("seven failures, or an early end", async () => {
      const [row] = await select<{ status: string }>(service.admin, "SELECT status FROM inbox");
      return row?.status !== "pending" || (await metricOf(client, "api_inbox_failures_total")) >= 7;
    });
  } finally {
    await execute(service.admin, "DROP TRIGGER no_orders");
  }
  expect((await client.finalAnswer(order)).body).toMatchObject({ status: "applied" });
});
