/** The end of the service in bounded time, beside open connections of clients and a silent database. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { execute, select } from "../../lib/connection.ts";
import { openGate, statementOf } from "../support/gate.ts";
import { clientOf, DORMANT_USER, holdUser, openTestService, until, type Client, type TestService } from "./service.ts";

const USER = 3;
/** Far below the 72 s of a keep-alive connection, and far above the steps of closing. */
const SOON_MS = 20_000;

let service: TestService;
beforeAll(async () => {
  service = await openTestService("api_closing");
});
afterAll(() => service[Symbol.asyncDispose]());
beforeEach(() => service.clear());

async function socketTo({ server }: Client): Promise<Socket> {
  const { port, hostname } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  return socket;
}

const untilClosed = ({ server }: Client): Promise<unknown> =>
  until("a port that refuses connections", async () => {
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    const isOpen = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    return !isOpen;
  });

/** Resolves to false if the service is still closing after a time that no correct closing takes. */
async function closes({ server }: Client): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), SOON_MS);
  try {
    return await Promise.race([server.close().then(() => true as const), late]);
  } finally {
    clearTimeout(timer);
  }
}

it("a service that cannot start leaves no connection, and applies no stored write", async () => {
  const connections = async (): Promise<number> => {
    const [row] = await select<{ open: number }>(
      service.admin,
      "SELECT COUNT(*) AS open FROM performance_schema.threads WHERE PROCESSLIST_DB = DATABASE()",
    );
    return row?.open ?? 0;
  };
  const before = await connections();
  await execute(service.admin, "RENAME TABLE coupons TO coupons_away");
  try {
    await expect(service.start()).rejects.toThrow(/coupons/);
    await until("the end of its connections", async () => (await connections()) === before);
  } finally {
    await execute(service.admin, "RENAME TABLE coupons_away TO coupons");
  }
});

describe("closing the service", () => {
  it("does not wait for the keep-alive connection of a request in progress, whose answer closes it", async () => {
    const client = await service.start({ guard: "none", closeMs: 60_000 });
    await using held = await holdUser(service.target, USER);
    const agent = new Agent({ keepAlive: true });
    const sent = request(`${client.server.url}/users/${USER}/coupons/101/redeem`, {
      method: "POST",
      agent,
      headers: { "idempotency-key": "0b0a4c1e-5c5e-4f0c-9a52-6d6f2f0f6f02" },
    });
    sent.end();
    await until("a request in flight", async () =>
      /^api_requests_in_flight 1$/m.test(String((await client.call("GET", "/metrics")).body.text)),
    );
    const closed = closes(client);
    await untilClosed(client);
    await held.release();
    const [response] = (await once(sent, "response")) as [NodeJS.ReadableStream & { headers: Record<string, string> }];
    expect(response.headers["connection"]).toBe("close");
    await text(response);
    expect(await closed).toBe(true);
    agent.destroy();
  });

  it("marks every answer of the grace, so that clients open no further request on the connection", async () => {
    const client = await service.start();
    expect((await client.order(DORMANT_USER)).headers.get("connection")).toBe("keep-alive");
    const closed = client.server.close(4_000);
    const [answer, ready] = [await client.order(DORMANT_USER), await client.call("GET", "/readyz")];
    expect(answer).toMatchObject({ status: 201 });
    expect(ready).toMatchObject({ status: 503, body: { type: "/problems/closing" } });
    for (const { headers } of [answer, ready]) expect(headers.get("connection")).toBe("close");
    await closed;
  });

  it("answers a request that arrives on an open connection with a problem, and cuts off requests that never arrive", async () => {
    const client = await service.start({ closeMs: 2_000 });
    const [late, never] = [await socketTo(client), await socketTo(client)];
    const [head, rest] = ["GET /users/3/membership HTTP/1.1\r\nho", "st: x\r\n\r\n"];
    late.write(head);
    never.write(head);
    await client.call("GET", "/healthz");
    const closed = closes(client);
    await untilClosed(client);
    late.write(rest);
    const answer = await text(late);
    expect(answer).toMatch(/^HTTP\/1.1 503 /);
    expect(answer).toContain('"type":"/problems/closing"');
    expect(answer).toMatch(/^connection: close\r$/im);
    expect(await text(never).catch(() => "")).toBe("");
    expect(await closed).toBe(true);
  });

  it("ends in time although the database has gone silent under a request, the inbox and the pools", async () => {
    await using gate = await openGate(service.target);
    const client = await service.start({ guard: "none", target: gate.target, closeMs: 1_000 });
    expect((await client.order(USER)).status).toBe(201);
    const logged = await select(service.admin, "SELECT 1 FROM write_log");
    const key = randomUUID();
    const stopping = gate.next(statementOf(key));
    const lost = client.order(USER, key).catch(() => null);
    await stopping;
    gate.freeze();
    expect(await closes(client)).toBe(true);
    expect(await lost).toBeNull();
    expect(await select(service.admin, "SELECT 1 FROM write_log")).toEqual(logged);
  });

  it("frees the port if it could not listen", async () => {
    await using client = await service.start();
    const { port } = new URL(client.server.url);
    await expect(service.start({ port: Number(port) })).rejects.toThrow(/EADDRINUSE/);
    expect((await clientOf(client.server).call("GET", "/healthz")).status).toBe(200);
  });
});
