/** /readyz and requests while the database is silent, read-only, full or locked: each answer is a 503 with its type. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { databaseProblem } from "../../api/database-problems.ts";
import { shared } from "../../api/probes.ts";
import { connect, execute, select, type Connection } from "../../lib/connection.ts";
import { openGate } from "../support/gate.ts";
import { newInstance, type TestInstance } from "../support/instances.ts";
import { DORMANT_USER, openTestService, until, type Client, type TestService } from "./service.ts";

const USER = 3;
const ready = (client: Client) => client.call("GET", "/readyz");

describe("a service on the running server", () => {
  let service: TestService;
  beforeAll(async () => {
    service = await openTestService("api_readiness");
  });
  afterAll(() => service[Symbol.asyncDispose]());
  beforeEach(() => service.clear());

  it("is not ready while the database is silent, after its deadline, however many probes wait", async () => {
    await using gate = await openGate(service.target);
    await using client = await service.start({ target: gate.target, probeMs: 2_000, closeMs: 500 });
    expect((await ready(client)).status).toBe(200);
    gate.freeze();
    const answers = await Promise.all(Array.from({ length: 100 }, () => ready(client)));
    const types = Map.groupBy(answers, ({ body }) => body.type);
    expect([...types.keys()].map(String).toSorted()).toEqual(["/problems/database-unavailable", "/problems/shed"]);
    expect(types.get("/problems/database-unavailable")).toSatisfy((some: unknown[]) => some.length >= 64);
    for (const { status, headers } of answers) {
      expect(status).toBe(503);
      expect(headers.get("retry-after")).toBe("1");
    }
    // A connection opened after the silence gets no greeting.
    expect(await ready(client)).toMatchObject({ status: 503, body: { type: "/problems/database-unavailable" } });
    expect((await client.call("GET", "/metrics")).body.text).toMatch(/^api_inbox_depth Nan$/im);
    expect((await client.call("GET", "/healthz")).status).toBe(200);
  });

  it("is ready again after the server closed the connection of the probes", async () => {
    await using client = await service.start();
    expect((await ready(client)).status).toBe(200);
    const sessions = await select<{ id: number }>(
      service.admin,
      "SELECT processlist_id AS id FROM performance_schema.threads WHERE processlist_db = ? AND processlist_id <> CONNECTION_ID()",
      [service.target.schema],
    );
    for (const { id } of sessions) await execute(service.admin, `KILL ${id}`).catch(() => {});
    await until("readiness", async () => (await ready(client)).status === 200);
  });

  it.each([
    { table: "batch_cutoff", type: "lock-timeout" },
    { table: "users", type: "lock-timeout" },
  ])("answers 503 while another session locks the table $table", async ({ table, type }) => {
    await using client = await service.start({ guard: "lock-timeout", probeMs: 20_000 });
    const holder = await connect(service.target);
    try {
      await holder.query(`LOCK TABLES ${table} WRITE`);
      if (table === "users") {
        const read = await client.call("GET", `/users/${USER}/membership`);
        expect(read).toMatchObject({ status: 503, body: { type: `/problems/${type}` } });
        expect(read.headers.get("retry-after")).toBe("1");
      } else expect(await ready(client)).toMatchObject({ status: 503, body: { type: `/problems/${type}` } });
    } finally {
      await holder.end();
    }
    expect((await client.order(DORMANT_USER)).status).toBe(201);
    expect((await ready(client)).status).toBe(200);
  });

  it("answers 500 with the id of the log line that holds the cause", async () => {
    await using client = await service.start({ logLevel: "error" });
    await execute(service.admin, "ALTER TABLE write_log RENAME COLUMN response TO gone");
    const lines: string[] = [];
    const written = vi.spyOn(process.stderr, "write").mockImplementation((line) => lines.push(String(line)) > 0);
    try {
      const { status, body } = await client.order(USER);
      expect({ status, type: body.type }).toEqual({ status: 500, type: "/problems/internal-error" });
      const line = lines.find((each) => each.includes(String(body.logRequestId)));
      expect(JSON.parse(line ?? "{}")).toMatchObject({
        reqId: body.logRequestId,
        err: { message: expect.stringContaining("response") },
      });
      expect(JSON.stringify(body)).not.toContain("column");
    } finally {
      written.mockRestore();
      await execute(service.admin, "ALTER TABLE write_log RENAME COLUMN gone TO response");
    }
  });
});

describe("a service on a separate server", () => {
  let instance: TestInstance;
  let service: TestService;
  let admin: Connection;
  beforeAll(async () => {
    instance = newInstance();
    const { target } = await instance.open();
    service = await openTestService("api_failover", { ...target, schema: `${target.schema}_failover` });
    admin = await connect(service.target);
  });
  afterAll(async () => {
    admin.destroy();
    await service[Symbol.asyncDispose]();
    await instance[Symbol.asyncDispose]();
  });

  it("reads, writes nothing and is not ready while the server is read-only, and works again afterwards", async () => {
    await using client = await service.start({ guard: "memory-flag" });
    await execute(admin, "SET GLOBAL super_read_only = ON");
    try {
      const key = randomUUID();
      for (const answer of [await client.order(USER, key), await client.badge(USER, 1, true), await ready(client)]) {
        expect(answer).toMatchObject({ status: 503, body: { type: "/problems/database-read-only" } });
        expect(answer.headers.get("retry-after")).toBe("1");
      }
      expect((await client.call("GET", `/users/${USER}/membership`)).status).toBe(200);
      expect((await client.call("GET", `/requests/${key}`)).status).toBe(404);
    } finally {
      await execute(admin, "SET GLOBAL super_read_only = OFF, GLOBAL read_only = OFF");
    }
    expect((await ready(client)).status).toBe(200);
    expect((await client.order(USER)).status).toBe(201);
  });

  it("is not ready while only other accounts may not write, because the server is about to change its role", async () => {
    await using client = await service.start();
    await execute(admin, "SET GLOBAL read_only = ON");
    try {
      expect(await ready(client)).toMatchObject({ status: 503, body: { type: "/problems/database-read-only" } });
    } finally {
      await execute(admin, "SET GLOBAL read_only = OFF");
    }
  });

  it("answers database-busy while the server accepts no further connection", async () => {
    await using client = await service.start({ guard: "none", poolConnections: 8 });
    const others: Connection[] = [];
    const [before] = await select<{ most: number }>(admin, "SELECT @@GLOBAL.max_connections AS most");
    const [open] = await select<{ many: number }>(
      admin,
      "SELECT COUNT(*) AS many FROM performance_schema.threads WHERE type = 'FOREGROUND'",
    );
    try {
      await execute(admin, `SET GLOBAL max_connections = ${Math.max(10, (open?.many ?? 0) + 1)}`);
      // The server keeps one more place for an administrator.
      await until("a refused connection", () =>
        connect(service.target).then(
          (connection) => others.push(connection) < 0,
          () => true,
        ),
      );
      expect(await ready(client)).toMatchObject({ status: 503, body: { type: "/problems/database-busy" } });
      const answers = await Promise.all(Array.from({ length: 8 }, () => client.order(DORMANT_USER)));
      const refused = answers.filter(({ status }) => status !== 201);
      expect(refused.length).toBeGreaterThan(0);
      for (const answer of refused) expect(answer).toMatchObject({ status: 503, body: { type: "/problems/database-busy" } });
    } finally {
      await execute(admin, `SET GLOBAL max_connections = ${before?.most ?? 151}`);
      for (const each of others) each.destroy();
    }
    await until("readiness", async () => (await ready(client)).status === 200);
  });
});

describe("errors of the server", () => {
  const packet = (errno: number, more: object = {}): Error =>
    Object.assign(new Error("no"), { errno, sqlState: "HY000", ...more });

  it.each([
    [1290, "database-read-only"],
    [1836, "database-read-only"],
    [1040, "database-busy"],
    [1203, "database-busy"],
    [1226, "database-busy"],
    [1205, "lock-timeout"],
    [1053, "database-unavailable"],
    [1317, "database-unavailable"],
    [3024, "database-unavailable"],
    [4031, "database-unavailable"],
  ])("%i is a 503 %s", (number, code) => {
    expect(databaseProblem(packet(number))).toMatchObject({ code, status: 503 });
    expect(databaseProblem(packet(number, { fatal: true }))).toMatchObject({ code });
  });

  it("leave every other error as it is", () => {
    for (const error of [packet(1146), packet(1064), new Error("no"), Object.assign(new Error("no"), { errno: 1040 }), null])
      expect(databaseProblem(error)).toBeNull();
  });
});

describe("a shared reading", () => {
  it("runs once for all callers during it and for the kept time, and again afterwards", async () => {
    let runs = 0;
    const gate = Promise.withResolvers<void>();
    const read = shared(async () => {
      runs += 1;
      await gate.promise;
      return runs;
    }, 0);
    const both = [read(), read()];
    gate.resolve();
    expect(await Promise.all(both)).toEqual([1, 1]);
    expect(await read()).toBe(2);
    const kept = shared(async () => (runs += 1), Infinity);
    expect([await kept(), await kept()]).toEqual([3, 3]);
  });
});
