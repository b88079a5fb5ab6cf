/** nginx before instances: its routes, what it repeats, and its reload. */
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nginxConfiguration } from "../../harness/cluster/nginx/configuration.ts";
import { findNginx } from "../../harness/cluster/nginx/find.ts";
import { Nginx } from "../../harness/cluster/nginx/nginx.ts";
import { keepsIdleClients, type NginxProgram } from "../../harness/cluster/nginx/program.ts";
import { silentLog } from "../../lib/log.ts";
import { until } from "../api/service.ts";
import { variants } from "../support/full.ts";
import { hangUp, startBackend, type Backend } from "./backends.ts";
import { streamRequests } from "./stream.ts";

let program: NginxProgram;
beforeAll(async () => {
  program = await findNginx(silentLog);
});

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

async function startNginx(backends: readonly Pick<Backend, "address">[], port = 0): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), "bench nginx "));
  folders.push(folder);
  return Nginx.start({ program, folder, port, upstreams: backends.map(({ address }) => address) });
}

/** An address on which nothing listens. */
async function deadAddress(): Promise<string> {
  const backend = await startBackend();
  await backend[Symbol.asyncDispose]();
  return backend.address;
}

describe("nginx before instances", () => {
  it("sends requests to each instance in turn, and names the instance in X-Upstream", async () => {
    await using one = await startBackend();
    await using two = await startBackend();
    await using three = await startBackend();
    await using nginx = await startNginx([one, two, three]);
    const answers = await Promise.all(Array.from({ length: 9 }, () => fetch(`${nginx.url}/users/1/membership`)));
    const upstreams = answers.map(({ headers }) => headers.get("x-upstream"));
    for (const { address, received } of [one, two, three]) {
      expect(received).toHaveLength(3);
      expect(upstreams.filter((upstream) => upstream === address)).toHaveLength(3);
    }
  });

  it("passes on method, path, query, headers and body of a write", async () => {
    await using backend = await startBackend((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => (body += text));
      request.on("end", () => {
        response.statusCode = 202;
        response.setHeader("location", "/requests/7");
        response.end(JSON.stringify({ body, key: request.headers["idempotency-key"], host: request.headers.host }));
      });
    });
    await using nginx = await startNginx([backend]);
    const headers = { "content-type": "application/json", "idempotency-key": "k" };
    const answer = await fetch(`${nginx.url}/users/1/orders?x=%20y`, { method: "POST", headers, body: '{"a":1}' });
    expect(answer.status).toBe(202);
    expect(answer.headers.get("location")).toBe("/requests/7");
    expect(await answer.json()).toEqual({ body: '{"a":1}', key: "k", host: new URL(nginx.url).host });
    expect(backend.received).toEqual(["POST /users/1/orders?x=%20y"]);
  });

  it("repeats a read on another instance when an instance is dead or hangs up", async () => {
    await using silent = await startBackend(hangUp);
    await using alive = await startBackend();
    await using nginx = await startNginx([{ address: await deadAddress() }, silent, alive]);
    for (let count = 0; count < 6; count += 1) expect((await fetch(`${nginx.url}/x`)).status).toBe(200);
    expect(alive.received).toHaveLength(6);
  });

  it("repeats a read on another instance when a paused one does not answer within 5 s", async () => {
    await using paused = await startBackend(() => {});
    await using alive = await startBackend();
    await using nginx = await startNginx([paused, alive]);
    const answers = await Promise.all([fetch(`${nginx.url}/x`), fetch(`${nginx.url}/x`)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(paused.received).toHaveLength(1);
    // nginx sends no request to the paused instance now
    for (let count = 0; count < 4; count += 1) await fetch(`${nginx.url}/x`);
    expect(paused.received).toHaveLength(1);
  });

  // nginx itself would repeat a PUT, like a DELETE, and no POST, like no PATCH
  it.each(variants(["POST", "PUT", "DELETE", "PATCH"], (method) => method.startsWith("P") && method !== "PATCH"))(
    "never repeats a write: %s reaches one instance once",
    async (method) => {
      await using first = await startBackend(hangUp);
      await using second = await startBackend(hangUp);
      await using nginx = await startNginx([first, second]);
      const write: RequestInit = { method, body: '{"active":true}' };
      const answer = await fetch(`${nginx.url}/users/1/badges/1`, write);
      expect(answer.status).toBe(502);
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      expect(await answer.json()).toMatchObject({ type: "/problems/no-answer", status: 502 });
      expect(answer.headers.get("x-upstream")).toMatch(/^127\.0\.0\.1:\d+$/);
      expect([...first.received, ...second.received]).toEqual([`${method} /users/1/badges/1`]);
    },
  );

  it("sends writes to living instances after one write or read found a dead one", async () => {
    await using alive = await startBackend();
    await using other = await startBackend();
    await using nginx = await startNginx([{ address: await deadAddress() }, alive, other]);
    const statuses: number[] = [];
    for (let count = 0; count < 9; count += 1)
      statuses.push((await fetch(`${nginx.url}/users/1/orders`, { method: "POST", body: "{}" })).status);
    expect(statuses.filter((status) => status === 502)).toHaveLength(1);
    expect(statuses.filter((status) => status === 200)).toHaveLength(8);
  });

  it("passes on a 503 and does not take the busy instance for a dead one", async () => {
    const busy: Parameters<typeof startBackend>[0] = (_request, response) => {
      response.statusCode = 503;
      response.setHeader("retry-after", "1");
      response.end("{}");
    };
    await using one = await startBackend(busy);
    await using two = await startBackend(busy);
    await using nginx = await startNginx([one, two]);
    for (let count = 0; count < 6; count += 1) {
      const answer = await fetch(`${nginx.url}/x`);
      expect(answer.status).toBe(503);
      expect(answer.headers.get("retry-after")).toBe("1");
    }
    expect(one.received.length + two.received.length).toBe(6);
  });

  it("fails no request of a stream while it changes from 3 instances to 5 and to 2", async () => {
    const backends = await Promise.all(Array.from({ length: 5 }, () => startBackend()));
    await using nginx = await startNginx(backends.slice(0, 3));
    const stream = streamRequests(nginx.url, (count) =>
      count % 3 === 0 ? { method: "PUT", path: "/users/1/badges/1", body: "{}" } : { method: "GET", path: "/users/1" },
    );
    const further = async (requests: number): Promise<void> => {
      const goal = stream.answered() + requests;
      await until(`${requests} further answers`, async () => stream.answered() >= goal);
    };
    await further(150);
    await nginx.route(backends.map(({ address }) => address));
    await further(150);
    await nginx.route(backends.slice(0, 2).map(({ address }) => address));
    // nginx has sent its last request to these
    const counts = backends.slice(2).map(({ received }) => received.length);
    for (const leaving of backends.slice(2)) await leaving[Symbol.asyncDispose]();
    await further(150);
    const { statuses, errors, perInstance } = await stream.stop();
    expect(errors).toEqual([]);
    expect([...statuses.keys()]).toEqual([200]);
    expect(backends.slice(2).map(({ received }) => received.length)).toEqual(counts);
    for (const { address } of backends) expect(perInstance.get(address)).toBeGreaterThan(20);
    for (const remaining of backends.slice(0, 2)) await remaining[Symbol.asyncDispose]();
  });

  it("answers the requests in progress before it ends", async () => {
    const { promise: arrived, resolve: onArrival } = Promise.withResolvers<void>();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    await using backend = await startBackend((_request, response) => {
      onArrival();
      void released.then(() => response.end("late"));
    });
    const nginx = await startNginx([backend]);
    const waiting = fetch(`${nginx.url}/x`).then((answer) => answer.text());
    await arrived;
    const ending = nginx[Symbol.asyncDispose]();
    await until("no new connections", async () => {
      const socket = connect(nginx.port, "127.0.0.1");
      const isOpen = await once(socket, "connect").then(
        () => true,
        () => false,
      );
      socket.destroy();
      return !isOpen;
    });
    release();
    expect(await waiting).toBe("late");
    await ending;
    expect(await nginx.ended).toBe("exit code 0");
  });

  it("refuses a port that another program uses with CANNOT_LISTEN", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    await expect(startNginx([{ address: "127.0.0.1:1" }], port)).rejects.toMatchObject({ code: "CANNOT_LISTEN" });
    server.close();
  });

  it("reports NGINX_FAILED with the reason from its log when it cannot start", async () => {
    await expect(startNginx([{ address: "no such address" }])).rejects.toMatchObject({
      code: "NGINX_FAILED",
      message: expect.stringMatching(/invalid parameter|host not found/) as string,
    });
  });
});

describe("the configuration", () => {
  it("of docker-compose.yml is generated from the same rules (`npx vitest -u` writes it)", async () => {
    const rendered = nginxConfiguration({
      listen: "8080",
      upstreams: ["api:3000"],
      resolver: "127.0.0.11",
      keepsIdleClients: true,
      user: null,
      files: { pid: "/tmp/nginx.pid", log: "stderr", temporary: "/tmp/nginx-" },
    });
    await expect(rendered).toMatchFileSnapshot(fileURLToPath(new URL("../../docker/nginx.conf", import.meta.url)));
  });

  it("contains no path of the machine and is readable by its owner only", async () => {
    await using backend = await startBackend();
    await using _nginx = await startNginx([backend]);
    const text = await readFile(join(folders.at(-1) ?? "", "nginx.conf"), "utf8");
    expect(text).not.toContain(tmpdir());
    expect(text).toContain("listen 127.0.0.1:");
  });

  it.each([
    ["1.22.1", false],
    ["1.27.3", false],
    ["1.27.4", true],
    ["1.28.0", true],
    ["1.30.1", true],
    ["2.0.0", true],
  ])("keeps idle connections during a reload with nginx %s: %s", (version, keeps) => {
    expect(keepsIdleClients({ version })).toBe(keeps);
  });
});
