/** Database connections that end between COMMIT and its answer: the outcome is unknown, and nothing takes effect twice. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { checkConsistency, type HistoryEntry } from "../../consistency/index.ts";
import { startLoad } from "../../harness/scenario/load.ts";
import { historyOf } from "../../harness/scenario/phases.ts";
import { readCatalogue } from "../../harness/scenario/data.ts";
import { arrivalAt, type Arrival, type TrafficSettings } from "../../harness/scenario/traffic.ts";
import { select, selectOne } from "../../lib/connection.ts";
import { commitOf, isCommit, openGate, type Stopped } from "../support/gate.ts";
import { DATASET, holdUser, openTestService, type Answer, type Client, type TestService } from "./service.ts";

const USER = 3;
const { users, dormantUsers } = DATASET;

let service: TestService;
beforeAll(async () => {
  service = await openTestService("api_lost");
});
afterAll(() => service[Symbol.asyncDispose]());
beforeEach(() => service.reset());

const ENDS = [
  { end: "executed but not answered", isDone: true, by: (stopped: Stopped) => stopped.loseAnswer() },
  { end: "never sent", isDone: false, by: (stopped: Stopped) => stopped.cut() },
];
const orders = async (): Promise<number> =>
  (await selectOne<{ found: number }>(service.admin, "SELECT COUNT(*) AS found FROM orders JOIN order_ids USING (id)")).found;
const UNKNOWN = { status: 503, body: { type: "/problems/outcome-unknown" } };

describe.each(ENDS)("a commit that was $end", ({ isDone, by }) => {
  it("returns outcome-unknown, and the repeated request is applied once", async () => {
    await using gate = await openGate(service.target);
    await using client = await service.start({ guard: "none", target: gate.target });
    const key = randomUUID();
    const stopping = gate.next(commitOf(key));
    const lost = client.order(USER, key);
    by(await stopping);
    expect(await lost).toMatchObject(UNKNOWN);
    expect((await client.call("GET", `/requests/${key}`)).status).toBe(isDone ? 200 : 404);
    expect(await orders()).toBe(isDone ? 1 : 0);
    for (let again = 0; again < 2; again += 1) expect((await client.order(USER, key)).status).toBe(201);
    expect(await orders()).toBe(1);
  });

  it("returns outcome-unknown for a write to the inbox, and the repeated request is stored once", async () => {
    await using gate = await openGate(service.target);
    await using client = await service.start({ guard: "no-wait", target: gate.target });
    await using held = await holdUser(service.target, USER);
    const key = randomUUID();
    const stopping = gate.next(commitOf(key));
    const lost = client.order(USER, key);
    by(await stopping);
    expect(await lost).toMatchObject(UNKNOWN);
    expect(await select(service.admin, "SELECT 1 FROM inbox")).toHaveLength(isDone ? 1 : 0);
    expect((await client.order(USER, key)).status).toBe(202);
    await held.release();
    expect((await client.finalAnswer(key)).body).toMatchObject({ status: "applied", statusCode: 201 });
    expect(await orders()).toBe(1);
  });
});

it("a rollback without an answer returns database-unavailable, and nothing is written", async () => {
  await using gate = await openGate(service.target);
  await using client = await service.start({ guard: "no-wait", target: gate.target });
  await using held = await holdUser(service.target, USER);
  const stopping = gate.next((sent) => sent.includes("ROLLBACK"));
  const lost = client.order(USER);
  (await stopping).cut();
  expect(await lost).toMatchObject({ status: 503, body: { type: "/problems/database-unavailable" } });
  await held.release();
  expect(await orders()).toBe(0);
});

const send = (client: Client, { kind, userId, token, body }: HistoryEntry): Promise<Answer> => {
  if (kind === "badge") return client.badge(userId, body.categoryId, body.active, token);
  return kind === "order"
    ? client.call("POST", `/users/${userId}/orders`, { key: token, body })
    : client.redeem(userId, body.couponId, token);
};

/** Traffic that begins with writes of different keys: the commits of repetitions change nothing. */
function withNewKeys(settings: TrafficSettings): TrafficSettings {
  const isNew = ({ request }: Arrival): boolean => request.kind !== "replay" && request.kind !== "reuse";
  for (let seed = settings.seed; ; seed += 1) {
    const own = { ...settings, seed };
    if (Array.from({ length: 200 }, (_, index) => arrivalAt(own, index)).every(isNew)) return own;
  }
}

describe("the load's client", () => {
  it("repeats a write without an answer under its key, and its history holds both attempts", async () => {
    await using gate = await openGate(service.target);
    await using client = await service.start({ guard: "none", target: gate.target });
    const catalogue = await readCatalogue(service.admin);
    const traffic = withNewKeys({ seed: 1, ratePerSecond: 25, users, dormantUsers, ...catalogue });
    let history: HistoryEntry[];
    {
      await using load = await startLoad({ url: client.server.url, traffic, timeoutMs: 60_000, retries: 1 });
      for (const { by } of ENDS) by(await gate.next(isCommit));
      history = historyOf(await load.stop());
    }
    const repeated = history.filter(({ attempts = [] }) => attempts.length > 1);
    const lost = repeated.filter(({ attempts = [] }) => attempts[0]?.result === "unknown");
    expect(lost).toHaveLength(ENDS.length);
    for (const { result, attempts = [] } of lost) {
      expect(attempts.map((attempt) => attempt.result)).toEqual(["unknown", "applied"]);
      expect(result).toBe("applied");
    }
    expect(await checkConsistency(service.admin, history, null)).toMatchObject({ consistent: true, conflicts: [] });
  });

  it("records a write without an answer as unknown, the checker accepts both outcomes, and a repeat applies it once", async () => {
    await using gate = await openGate(service.target);
    await using client = await service.start({ guard: "none", target: gate.target });
    const catalogue = await readCatalogue(service.admin);
    const traffic = withNewKeys({ seed: 1, ratePerSecond: 25, users, dormantUsers, ...catalogue });
    const PER_END = 3;
    let history: HistoryEntry[];
    {
      await using load = await startLoad({ url: client.server.url, traffic, timeoutMs: 60_000, retries: 0 });
      for (let times = 0; times < PER_END; times += 1) for (const { by } of ENDS) by(await gate.next(isCommit));
      history = historyOf(await load.stop());
    }
    const unknown = history.filter(({ result }) => result === "unknown");
    expect(unknown).toHaveLength(2 * PER_END);
    const logged = async (): Promise<string[]> =>
      (await select<{ token: string }>(service.admin, "SELECT LOWER(BIN_TO_UUID(token)) AS token FROM write_log")).map(
        ({ token }) => token,
      );
    const there = new Set(await logged());
    expect(unknown.filter(({ token }) => there.has(token))).toHaveLength(PER_END);
    expect(await checkConsistency(service.admin, history, null)).toMatchObject({ consistent: true, conflicts: [] });

    for (const entry of unknown) expect([200, 201]).toContain((await send(client, entry)).status);
    const after = await logged();
    for (const { token } of unknown) expect(after.filter((other) => other === token)).toHaveLength(1);
    expect(await checkConsistency(service.admin, history, null)).toMatchObject({ consistent: true, conflicts: [] });
  });
});
