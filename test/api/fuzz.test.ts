/**
 * Invalid input of every kind, generated from the service's own OpenAPI document: each answer is a clear 4xx, changes
 * nothing and reveals nothing.
 */
import * as fc from "fast-check";
import { randomUUID } from "node:crypto";
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { execute, select, selectOne } from "../../lib/connection.ts";
import { isFull } from "../support/full.ts";
import { requestFor, type Operation, type Route, type Sent } from "./generated-requests.ts";
import { openTestService, TARGET_DATE, TOKEN, until, type Client, type TestService } from "./service.ts";

let service: TestService;
let client: Client & AsyncDisposable;
let routes: readonly Route[];
beforeAll(async () => {
  service = await openTestService("api_fuzz");
  // Before the start of the service, which looks for the runs that issued coupons.
  await execute(
    service.admin,
    `INSERT INTO coupon_issues_identity (run_id, user_id, coupon_id, sequence, grade, issued_at)
     SELECT 1, users.id, coupons.id, numbers.sequence, 'GOLD', NOW(6) FROM users CROSS JOIN coupons
     CROSS JOIN (SELECT 1 AS sequence UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4) AS numbers WHERE users.id IN (1, 2)`,
  );
  client = await service.start();
  const { body } = await client.call("GET", "/openapi.json");
  routes = Object.entries(body.paths as Record<string, Record<string, Operation>>).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
});

const RUNS = isFull ? 1_000 : 500;
/** Each compares the whole state before and after. */
const RUNS_WITH_STATE = isFull ? 250 : 100;
/**
 * Requests beside a batch, many of which are deferred. After these the test waits for the batch, so that later requests take
 * effect at once.
 */
const BESIDE_A_BATCH = 40;

interface RawAnswer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Uses `node:http`, because fetch would normalize the request. */
function send({ route, path, headers, body }: Sent): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const sent = request(`${client.server.url}${path}`, { method: route.method, headers }, (answer) => {
    let text = "";
    answer.setEncoding("utf8").on("data", (part: string) => (text += part));
    answer.on("end", () => resolve({ status: answer.statusCode ?? 0, type: answer.headers["content-type"] ?? "", text }));
  });
  sent.on("error", reject);
  sent.end(body);
  return promise;
}

/** A write that took effect and that its client may repeat. */
const isRepeatable = ({ route, headers }: Sent, { status }: RawAnswer): boolean =>
  route.method !== "GET" && "idempotency-key" in headers && (status === 200 || status === 201);

/** Waits for accepted writes and batches, which change rows after the answer to their own request. */
const nothingInProgress = () =>
  until("an empty inbox and no batch", async () => {
    const { inProgress } = await selectOne<{ inProgress: number }>(
      service.admin,
      `SELECT (SELECT COUNT(*) FROM inbox WHERE status = 'pending')
         + (SELECT COUNT(*) FROM batches WHERE status IN ('selecting', 'running')) AS inProgress`,
    );
    return inProgress === 0;
  });

/** Everything that a request could change, as one text. */
async function stateOf(): Promise<string> {
  const written = ["write_log", "inbox", "coupon_redemptions", "badge_overrides", "order_ids"];
  const tables = written.concat(
    "batches",
    "batch_cutoff",
    "batch_owners",
    "batch_flags",
    "batch_targets",
    "write_keys",
    "coupon_runs",
  );
  const rows = await Promise.all(tables.map((table) => select(service.admin, `SELECT * FROM ${table}`)));
  const sums = await select(
    service.admin,
    "CHECKSUM TABLE users, badges, orders, coupon_issues_identity, grade_logs_identity, categories, coupons",
  );
  return JSON.stringify([rows, sums]);
}

/** Terms of the server, the driver or the file system must not occur in an answer. */
const LEAKS = /ER_|SQL syntax|mysql|innodb|node_modules|\.ts:|at \w+ \(|SELECT |INSERT |password/i;

describe("requests generated from the OpenAPI document", () => {
  it("never cause a 5xx: an invalid one gets a 4xx problem that reveals nothing", async () => {
    expect(routes.length).toBeGreaterThanOrEqual(10);
    const writes = routes.filter(({ method }) => method !== "GET");
    const seen = new Map<string, number>();
    const start = routes.find(({ method, path }) => method === "POST" && path === "/batches");
    if (start === undefined) throw new Error("no route starts a batch");
    const starting: Sent = {
      route: start,
      path: start.path,
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify({ targetDate: TARGET_DATE }),
    };
    let leftBesideBatch = Number.POSITIVE_INFINITY;
    const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...routes, ...writes, ...writes).chain(requestFor), async (sent) => {
        if (leftBesideBatch === 0) await nothingInProgress();
        leftBesideBatch -= 1;
        const answer = await send(sent);
        if (sent.route.path === "/batches" && answer.status === 202) leftBesideBatch = BESIDE_A_BATCH;
        count(String(answer.status));
        count(`${sent.route.method} ${sent.route.path} ${answer.status}`);
        expect(answer.status).toBeLessThan(500);
        if (answer.status < 400) {
          expect(Object.keys(sent.route.operation.responses)).toContain(String(answer.status));
          if (!isRepeatable(sent, answer)) return;
          count("repeated");
          expect(await send(sent)).toEqual(answer);
          return;
        }
        expect(answer.type).toContain("application/problem+json");
        const problem = JSON.parse(answer.text) as Record<string, unknown>;
        expect(problem).toMatchObject({ status: answer.status, type: expect.stringMatching(/^\/problems\/[a-z-]+$/) });
        expect(answer.text).not.toMatch(LEAKS);
      }),
      // Of 1,000 generated requests, one started a batch and six met it.
      { numRuns: RUNS, examples: [[starting], [starting]] },
    );
    // The requests also got past the validation, in every route that writes.
    const reached = [
      "200 201 202 400 401 403 404 409 422".split(" "),
      ["PUT /users/{userId}/badges/{categoryId} 200", "POST /users/{userId}/orders 201", "repeated"],
      ["POST /users/{userId}/coupons/{couponId}/redeem 200", "POST /users/{userId}/coupons/{couponId}/redeem 409"],
      ["POST /batches 202", "POST /batches 409"],
    ].flat();
    for (const what of reached) expect(seen.get(what) ?? 0, what).toBeGreaterThan(0);
  });

  it("change nothing when they are refused or repeated", async () => {
    const writes = routes.filter(({ method }) => method !== "GET");
    await nothingInProgress();
    let before = await stateOf();
    let refused = 0;
    let repeated = 0;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...writes).chain(requestFor), async (sent) => {
        const answer = await send(sent);
        if (answer.status === 202) await nothingInProgress();
        const after = await stateOf();
        if (answer.status >= 400) {
          refused += 1;
          expect(after).toBe(before);
        }
        if (isRepeatable(sent, answer)) {
          repeated += 1;
          await send(sent);
          expect(await stateOf()).toBe(after);
        }
        before = after;
      }),
      { numRuns: RUNS_WITH_STATE },
    );
    expect(refused).toBeGreaterThan(RUNS_WITH_STATE / 4);
    expect(repeated).toBeGreaterThan(0);
  });
});

describe("the service", () => {
  const key = () => randomUUID();
  const orderBody = { categoryId: 1, amountWon: 100 };

  it.each(["0", "-1", "4294967296", "1e9", "1e0", "0x1", "007", "1.0", " 1", "1 OR 1=1", "٣", "%F0%9F%98%80", "null", "NaN"])(
    "answers 400 to the user id %s",
    async (id) => {
      const answer = await client.call("GET", `/users/${encodeURIComponent(id)}/membership`);
      expect(answer).toMatchObject({ status: 400, body: { type: "/problems/invalid-request" } });
    },
  );

  it("converts no types: it refuses text for numbers, numbers for booleans, and additional fields", async () => {
    for (const body of [
      { ...orderBody, amountWon: "100" },
      { ...orderBody, amountWon: 1.5 },
      { ...orderBody, amountWon: 0 },
      { ...orderBody, amountWon: 1e12 },
      { ...orderBody, categoryId: null },
      { ...orderBody, status: "refunded" },
      { categoryId: 1 },
      [],
      "text",
      null,
    ])
      expect(await client.call("POST", "/users/1/orders", { key: key(), body }), JSON.stringify(body)).toMatchObject({
        status: 400,
      });
    for (const active of [1, "true", null])
      expect((await client.call("PUT", "/users/1/badges/1", { key: key(), body: { active } })).status).toBe(400);
    expect((await client.call("POST", "/users/1/coupons/101/redeem", { key: key(), body: { sequence: 2 } })).status).toBe(400);
  });

  it("answers 400 to a write without a key, or with a key that is no UUID", async () => {
    for (const bad of [undefined, "1", "", "not-a-uuid", `${randomUUID()}x`, "urn:uuid:" + randomUUID()])
      expect(
        await client.call("POST", "/users/1/orders", { ...(bad === undefined ? {} : { key: bad }), body: orderBody }),
        bad,
      ).toMatchObject({ status: 400, body: { type: "/problems/invalid-request" } });
  });

  it("answers 413 to a large body, 415 to another content type, and 400 to invalid JSON", async () => {
    const path = "/users/1/orders";
    expect(await client.call("POST", path, { key: key(), body: { ...orderBody, note: "x".repeat(20_000) } })).toMatchObject({
      status: 413,
      body: { type: "/problems/body-too-large" },
    });
    const send = (type: string, body: string): Promise<Response> =>
      fetch(`${client.server.url}${path}`, { method: "POST", headers: { "idempotency-key": key(), "content-type": type }, body });
    expect((await send("text/plain", "{}")).status).toBe(415);
    expect((await send("application/json", '{"categoryId":1')).status).toBe(400);
    expect((await send("application/json", '{"__proto__":{"x":1},"categoryId":1,"amountWon":1}')).status).toBe(400);
    expect((await send("application/json", "")).status).toBe(400);
  });

  it("answers with a problem to an unknown path, and to a path that is not decodable", async () => {
    expect(await client.call("GET", "/admin")).toMatchObject({ status: 404, body: { type: "/problems/not-found" } });
    expect(await client.call("DELETE", "/users/1/membership")).toMatchObject({ status: 404 });
    expect(await client.call("GET", "/users/%ff/membership")).toMatchObject({
      status: 400,
      body: { type: "/problems/invalid-request" },
    });
    expect((await client.call("GET", `/users/${"1".repeat(5_000)}/membership`)).status).toBeLessThan(500);
  });

  it("starts no batch without the token, independent of the body", async () => {
    const batches = () => select(service.admin, "SELECT * FROM batches");
    await nothingInProgress();
    const before = await batches();
    expect(await client.call("POST", "/batches", { body: "not even JSON" })).toMatchObject({ status: 401 });
    expect(await client.call("POST", "/batches", { token: "wrong", body: { targetDate: TARGET_DATE } })).toMatchObject({
      status: 403,
    });
    expect(await batches()).toEqual(before);
  });
});
