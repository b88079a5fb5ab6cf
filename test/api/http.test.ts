/** The limits of HTTP: connections, half-sent and unread requests, probes, and the parser's refusals with their problem types. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startServer } from "../../api/server.ts";
import { DEFAULT_OPTIONS } from "../../api/options.ts";
import { DORMANT_USER, openTestService, TOKEN, until, type Client, type TestService } from "./service.ts";

let service: TestService;
beforeAll(async () => {
  service = await openTestService("api_http");
});
afterAll(() => service[Symbol.asyncDispose]());
beforeEach(() => service.clear());

/** A client below HTTP. */
function raw({ server }: Client, sent: string): Socket {
  const { port, hostname } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  // The service may reset the connection.
  socket.on("error", () => {});
  socket.write(sent);
  return socket;
}
const metrics = async (client: Client): Promise<string> => String((await client.call("GET", "/metrics")).body.text);

const HALF = "POST /users/1/orders HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{";

describe("requests that Node refuses", () => {
  let client: Client & AsyncDisposable;
  beforeAll(async () => {
    client = await service.start({ arrivalMs: 500 });
  });
  afterAll(() => client[Symbol.asyncDispose]());

  it.each([
    { what: "a body that never arrives", sent: HALF, status: 408, type: "request-timeout" },
    { what: "a head that never arrives", sent: "GET /healthz HTTP/1.1\r\nho", status: 408, type: "request-timeout" },
    {
      what: "headers of 100 KB",
      sent: `GET /healthz HTTP/1.1\r\nhost: x\r\na: ${"a".repeat(100_000)}\r\n\r\n`,
      status: 431,
      type: "headers-too-large",
    },
    {
      what: "chunk extensions of 100 KB",
      sent: `POST /users/1/orders HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1;${"a".repeat(100_000)}\r\n{\r\n0\r\n\r\n`,
      status: 413,
      type: "body-too-large",
    },
    { what: "no HTTP", sent: "hello\r\n\r\n", status: 400, type: "invalid-request" },
    { what: "no Host", sent: "GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n", status: 400, type: "invalid-request" },
    {
      what: "another expectation",
      sent: "GET /healthz HTTP/1.1\r\nhost: x\r\nexpect: 200-ok\r\nconnection: close\r\n\r\n",
      status: 417,
      type: "expectation-failed",
    },
  ])("have a problem type: $what", async ({ sent, status, type }) => {
    const answer = await text(raw(client, sent));
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toMatch(/^content-type: application\/problem\+json\r$/im);
    expect(JSON.parse(answer.slice(answer.indexOf("\r\n\r\n")))).toMatchObject({ type: `/problems/${type}`, status });
  });
});

describe("the limits of the service", () => {
  it("counts no request in flight before its body is there", async () => {
    await using client = await service.start({ maxInFlight: 1 });
    const half = Array.from({ length: 5 }, () => raw(client, HALF));
    await Promise.all(half.map((socket) => once(socket, "connect")));
    try {
      for (let times = 0; times < 3; times += 1) expect((await client.order(DORMANT_USER)).status).toBe(201);
      expect(await metrics(client)).toMatch(/^api_requests_in_flight 0$/m);
      expect(await metrics(client)).toMatch(/^api_shed_total 0$/m);
    } finally {
      for (const socket of half) socket.destroy();
    }
  });

  it("closes connections beyond their limit, and accepts others when one ends", async () => {
    await using client = await service.start({ maxConnections: 3 });
    const open = [raw(client, HALF), raw(client, HALF), raw(client, HALF)];
    await Promise.all(open.map((socket) => once(socket, "connect")));
    const further = raw(client, "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
    expect(await text(further).catch(() => "")).toBe("");
    for (const socket of open) socket.destroy();
    expect(await until("a connection", () => metrics(client).catch(() => null))).toMatch(
      /^api_connections_closed_total\{reason="too-many"\} [1-9]/m,
    );
  });

  it("closes a connection with many unread answers, and answers others at the same time", async () => {
    await using client = await service.start();
    const socket = raw(client, "");
    await once(socket, "connect");
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    socket.on("close", () => resolve());
    socket.pause();
    socket.write("GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n".repeat(20_000));
    expect((await client.call("GET", "/healthz")).status).toBe(200);
    await until("the end of the connection", async () =>
      (await metrics(client)).includes('api_connections_closed_total{reason="unread"} 1'),
    );
    socket.resume();
    await closed;
    // Without the limit, each of the 20,000 would be an answer in the histogram.
    const [, many] =
      /^http_request_duration_seconds_count\{method="GET",route="\/metrics"[^}]*\} (\d+)$/m.exec(await metrics(client)) ?? [];
    expect(Number(many)).toBeLessThan(1_000);
  });

  it("reuses the text of /metrics for its time", async () => {
    await using client = await service.start({ metricsMs: 60_000 });
    const first = await metrics(client);
    expect((await client.order(DORMANT_USER)).status).toBe(201);
    expect(await metrics(client)).toBe(first);
  });
});

describe("the address of the service", () => {
  it.each([
    ["0.0.0.0", /^http:\/\/0\.0\.0\.0:\d+$/],
    ["127.0.0.1", /^http:\/\/127\.0\.0\.1:\d+$/],
    ["localhost", /^http:\/\/localhost:\d+$/],
  ])("is the requested one: %s", async (host, url) => {
    const server = await startServer({ ...DEFAULT_OPTIONS, target: service.target, adminToken: TOKEN, logLevel: "silent", host });
    try {
      expect(server.url).toMatch(url);
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    } finally {
      await server.close();
    }
  });
});
