/** The service as a process: overload, disconnected clients, its orderly end, and its state after a restart. */
import { fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { FromServer, ToServer } from "../../api/messages.ts";
import { createMetrics } from "../../api/metrics.ts";
import { DEFAULT_OPTIONS } from "../../api/options.ts";
import { connect, execute, select, selectOne } from "../../lib/connection.ts";
import { targetUrl, type ConnectionTarget } from "../../lib/target.ts";
import { bench, startBench } from "../support/bench.ts";
import { benchInProcess } from "../support/in-process.ts";
import { clientOf, DORMANT_USER, holdUser, openTestService, TOKEN, until, type TestService } from "./service.ts";

const PROCESS = fileURLToPath(new URL("../../api/server-process.ts", import.meta.url));
const USER = 3;
const TINY = ["--users", "30", "--orders", "600"];

let service: TestService;
beforeAll(async () => {
  service = await openTestService("api_server");
});
afterAll(() => service[Symbol.asyncDispose]());
beforeEach(() => service.clear());

/** Open transactions in the service's schema. (innodb_trx returns an old state to clients that query it often.) */
async function openTransactions(): Promise<number> {
  const { found } = await selectOne<{ found: number }>(
    service.admin,
    `SELECT COUNT(*) AS found FROM performance_schema.events_transactions_current AS transaction
     JOIN performance_schema.threads AS thread USING (thread_id)
     WHERE transaction.state = 'ACTIVE' AND thread.processlist_db = ? AND thread.processlist_id <> CONNECTION_ID()`,
    [service.target.schema],
  );
  return found;
}

/** The session that waits for a locked row. */
const waitingSession = (): Promise<number> =>
  until("a wait for the row", async () => {
    const [waiting] = await select<{ id: number }>(
      service.admin,
      `SELECT thread.processlist_id AS id FROM performance_schema.data_lock_waits AS wait
       JOIN performance_schema.threads AS thread ON thread.thread_id = wait.requesting_thread_id WHERE thread.processlist_db = ?`,
      [service.target.schema],
    );
    return waiting?.id;
  });

describe("a busy service", () => {
  it("answers 503 at once beyond its limit of requests in flight, and never sheds health checks", async () => {
    await using client = await service.start({ guard: "none", maxInFlight: 3, poolConnections: 4 });
    await using held = await holdUser(service.target, USER);
    const waiting = [1, 2, 3].map(() => client.order(USER));
    await until("three requests in flight", async () =>
      /^api_requests_in_flight 3$/m.test(String((await client.call("GET", "/metrics")).body.text)),
    );
    const shed = await client.order(DORMANT_USER);
    expect(shed).toMatchObject({ status: 503, body: { type: "/problems/shed" } });
    expect(shed.headers.get("retry-after")).toBe("1");
    expect((await client.call("GET", `/users/${USER}/membership`)).status).toBe(503);
    for (const path of ["/healthz", "/readyz", "/metrics"]) expect((await client.call("GET", path)).status, path).toBe(200);
    await held.release();
    for (const answer of waiting) expect((await answer).status).toBe(201);
    expect((await client.order(DORMANT_USER)).status).toBe(201);
    expect((await client.call("GET", "/metrics")).body.text).toMatch(/^api_shed_total 2$/m);
  });

  it("answers 503 and writes nothing when no connection becomes available in time", async () => {
    await using client = await service.start({ guard: "none", poolConnections: 1, poolWaitMs: 100 });
    await using held = await holdUser(service.target, USER);
    const waiting = client.order(USER);
    await until("its only connection in use", async () =>
      /^api_pool_connections_in_use 1$/m.test(String((await client.call("GET", "/metrics")).body.text)),
    );
    expect(await client.order(DORMANT_USER)).toMatchObject({ status: 503, body: { type: "/problems/pool-timeout" } });
    // Busy is not broken: the readiness has a separate connection.
    for (const path of ["/readyz", "/healthz"]) expect((await client.call("GET", path)).status, path).toBe(200);
    await held.release();
    expect((await waiting).status).toBe(201);
    expect(await select(service.admin, "SELECT 1 FROM write_log")).toHaveLength(1);
    expect((await client.call("GET", "/metrics")).body.text).toMatch(/^api_pool_wait_seconds_bucket\{le="0.05"\} [1-9]/m);
  });

  it.each([
    { guard: "none", effect: "exhausts a small pool beside a batch: writes wait for the batch, and reads fail" },
    { guard: "memory-flag", effect: "keeps a small pool available beside a batch: it stores the writes at once" },
  ])("with the guard $guard $effect", async ({ guard }) => {
    await service.reset();
    await using client = await service.start({ guard, poolConnections: 2, poolWaitMs: 200 });
    const [first = 0, second = 0, third = 0] = service.targets;
    await using held = await holdUser(service.target, third);
    const id = Number((await client.startBatch({ style: "long" })).body.id);
    // At this point the batch holds the two users before the third.
    await waitingSession();
    const isWaiting = guard === "none";
    const writes = [client.order(first), client.order(second)];
    if (isWaiting)
      await until("both connections in use", async () =>
        /^api_pool_connections_in_use 2$/m.test(String((await client.call("GET", "/metrics")).body.text)),
      );
    else for (const write of writes) expect((await write).status).toBe(202);
    const read = await client.call("GET", `/users/${DORMANT_USER}/membership`);
    expect(read.status).toBe(isWaiting ? 503 : 200);
    const metrics = String((await client.call("GET", "/metrics")).body.text);
    const [, all] = /^api_pool_wait_seconds_count (\d+)/m.exec(metrics) ?? [];
    const [, short] = /^api_pool_wait_seconds_bucket\{le="0.1"\} (\d+)/m.exec(metrics) ?? [];
    expect(Number(all) - Number(short)).toBe(isWaiting ? 1 : 0);
    await held.release();
    expect((await client.batchEnd(id)).body.status).toBe("finished");
    for (const write of writes) expect((await write).status).toBe(isWaiting ? 201 : 202);
  });

  it("distinguishes connection waits that reached their limit from much longer ones", async () => {
    const { poolWait, registry } = createMetrics();
    for (const seconds of [1.004, 1.3, 2, 4]) poolWait.observe(seconds);
    const shown = await registry.getSingleMetricAsString("api_pool_wait_seconds");
    const counts = [...shown.matchAll(/le="([\d.]+)"\} (\d+)/g)].map(([, atMost, count]) => [Number(atMost), Number(count)]);
    expect(counts.filter(([, count]) => count !== 0)).toEqual([
      [1.1, 1],
      [1.5, 2],
      [2.5, 3],
      [5, 4],
    ]);
  });

  it("rolls back the whole transaction after a lock wait timeout", async () => {
    await using client = await service.start({ guard: "lock-timeout" });
    await using held = await holdUser(service.target, USER);
    try {
      expect((await client.badge(USER, 1, true)).status).toBe(202);
      await until("no transaction but the holder's", async () => (await openTransactions()) === 1);
    } finally {
      await held.release();
    }
  });

  it("finishes the request of a disconnected client, and leaves no open transaction", async () => {
    await using client = await service.start({ guard: "none", maxInFlight: 2 });
    await using held = await holdUser(service.target, USER);
    const leaving = new AbortController();
    const key = randomUUID();
    const response = fetch(`${client.server.url}/users/${USER}/orders`, {
      method: "POST",
      headers: { "idempotency-key": key, "content-type": "application/json" },
      body: JSON.stringify({ categoryId: 1, amountWon: 100 }),
      signal: leaving.signal,
    });
    await waitingSession();
    leaving.abort();
    await expect(response).rejects.toThrow(/abort/);
    await held.release();
    const outcome = () => client.call("GET", `/requests/${key}`);
    await until("its effect", async () => (await outcome()).status === 200);
    expect((await outcome()).body).toMatchObject({ status: "applied", statusCode: 201 });
    await until("no open transaction", async () => (await openTransactions()) === 0);
    // The place of the request is available again.
    const answers = await Promise.all([client.order(USER), client.order(USER)]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
  });

  it("answers database-unavailable after a lost connection", async () => {
    await using client = await service.start({ guard: "none" });
    await using held = await holdUser(service.target, USER);
    const waiting = client.order(USER);
    await execute(service.admin, `KILL ${await waitingSession()}`);
    expect(await waiting).toMatchObject({ status: 503, body: { type: "/problems/database-unavailable" } });
    await held.release();
    expect((await client.order(USER)).status).toBe(201);
  });

  it("answers 503 if neither the user nor the inbox is available, and applies the repeated request", async () => {
    await using client = await service.start({ guard: "no-wait" });
    await using held = await holdUser(service.target, USER);
    const key = randomUUID();
    await execute(service.admin, "RENAME TABLE inbox TO inbox_gone");
    try {
      // Every write reads the inbox, so a service without its inbox writes nothing.
      for (const answer of [await client.order(DORMANT_USER), await client.call("GET", `/requests/${key}`)]) {
        expect(answer).toMatchObject({ status: 503, body: { type: "/problems/inbox-unavailable" } });
        expect(answer.headers.get("retry-after")).toBe("1");
        expect(JSON.stringify(answer.body)).not.toMatch(/table|exist|schema/i);
      }
      expect(await select(service.admin, "SELECT 1 FROM write_log")).toEqual([]);
    } finally {
      await execute(service.admin, "RENAME TABLE inbox_gone TO inbox");
    }
    // An insert into the inbox waits for the table lock, up to a separate limit.
    const reader = await connect(service.target);
    try {
      await reader.query("LOCK TABLES inbox READ");
      const stored = client.order(USER, key);
      expect(await stored).toMatchObject({ status: 503, body: { type: "/problems/inbox-unavailable" } });
    } finally {
      await reader.end();
    }
    await held.release();
    expect((await client.order(USER, key)).status).toBe(201);
  });

  it("answers 503 if it cannot store the write of a flagged user, and stores the repeated request", async () => {
    await service.reset();
    await using client = await service.start({ guard: "memory-flag" });
    const flagged = service.targets.at(-1) ?? 0;
    // The rounds leave out the locked user, so that its hint stays up.
    await using held = await holdUser(service.target, flagged);
    const id = Number((await client.startBatch({ chunkUsers: 10 })).body.id);
    await until("the hint of the locked user", async () => {
      const { body } = await client.call("GET", "/metrics");
      return /^api_flags_raised 1$/m.test(String(body.text));
    });
    const key = randomUUID();
    await execute(service.admin, "RENAME TABLE inbox TO inbox_gone");
    try {
      expect(await client.order(flagged, key)).toMatchObject({ status: 503, body: { type: "/problems/inbox-unavailable" } });
    } finally {
      await execute(service.admin, "RENAME TABLE inbox_gone TO inbox");
    }
    expect((await client.call("GET", `/requests/${key}`)).status).toBe(404);
    expect((await client.order(flagged, key)).status).toBe(202);
    await held.release();
    expect((await client.batchEnd(id)).body.status).toBe("finished");
    expect((await client.finalAnswer(key)).body).toMatchObject({ status: "applied", statusCode: 201 });
  });
});

describe("the end of a service", () => {
  it("follows an order: not ready, answers to requests in progress, closed connections", async () => {
    const client = await service.start({ guard: "none" });
    await using held = await holdUser(service.target, USER);
    const waiting = client.order(USER);
    await waitingSession();
    const closing = client.server.close(4_000);
    const ready = await client.call("GET", "/readyz");
    expect(ready).toMatchObject({ status: 503, body: { type: "/problems/closing" } });
    expect((await client.call("GET", "/healthz")).status).toBe(200);
    await held.release();
    expect((await waiting).status).toBe(201);
    await closing;
    await expect(client.call("GET", "/healthz")).rejects.toThrow();
    expect(await openTransactions()).toBe(0);
  });

  it("ends its round of a batch, and the next start continues the batch without a request", async () => {
    await service.reset();
    const first = await service.start({ guard: "no-wait" });
    await using held = await holdUser(service.target, service.targets[30] ?? 0);
    const started = await first.startBatch({ chunkUsers: 20 });
    expect(started.status).toBe(202);
    await until("some chunks", async () => (await select(service.admin, "SELECT 1 FROM grade_logs_identity LIMIT 1")).length > 0);
    await first[Symbol.asyncDispose]();
    await held.release();
    const [batch] = await select<{ status: string }>(service.admin, "SELECT status FROM batches");
    expect(batch?.status).toBe("running");

    await using second = await service.start({ guard: "no-wait" });
    expect((await second.batchEnd(Number(started.body.id))).body.status).toBe("finished");
    const { logs } = await selectOne<{ logs: number }>(service.admin, "SELECT COUNT(*) AS logs FROM grade_logs_identity");
    expect(logs).toBe(service.targets.length);
  });

  it("loses no stored write: the next start applies it", async () => {
    await using held = await holdUser(service.target, USER);
    const keys = [randomUUID(), randomUUID(), randomUUID()];
    {
      await using client = await service.start({ guard: "no-wait" });
      for (const [index, key] of keys.entries()) expect((await client.badge(USER, 1, index % 2 === 0, key)).status).toBe(202);
    }
    await held.release();
    await using client = await service.start({ guard: "no-wait" });
    for (const key of keys) expect((await client.finalAnswer(key)).body.status).toBe("applied");
    const logged = await select<{ key: string }>(
      service.admin,
      "SELECT LOWER(BIN_TO_UUID(token)) AS `key` FROM write_log ORDER BY log_id",
    );
    expect(logged.map(({ key }) => key)).toEqual(keys);
  });

  it("comes with the end of the process that started it, and includes its batch", async () => {
    await service.reset();
    const child = fork(PROCESS, [], { serialization: "advanced", stdio: ["ignore", "ignore", "inherit", "ipc"] });
    const options = { ...DEFAULT_OPTIONS, target: service.target, adminToken: TOKEN, guard: "no-wait" };
    child.send({ type: "start", options } satisfies ToServer);
    const [message] = (await once(child, "message")) as [FromServer];
    if (message.type !== "ready") throw new Error(JSON.stringify(message));
    expect(message.pid).toBe(child.pid);
    const client = clientOf({ url: message.url, batchProcessId: () => null, close: () => Promise.resolve() });
    await using held = await holdUser(service.target, service.targets[50] ?? 0);
    expect((await client.startBatch({ chunkUsers: 10 })).status).toBe(202);
    await until("some chunks", async () => (await select(service.admin, "SELECT 1 FROM grade_logs_identity LIMIT 1")).length > 0);
    child.disconnect();
    await held.release();
    await once(child, "exit");
    expect(child.exitCode).toBe(0);
    await until("no session in the schema", async () => (await openTransactions()) === 0);
    await expect(client.call("GET", "/healthz")).rejects.toThrow();
  });
});

describe("bench api serve", () => {
  const target = (): ConnectionTarget => ({ ...service.target, schema: `${service.target.schema}_cli` });
  beforeAll(async () => {
    expect(await benchInProcess(["api", "setup", ...TINY, "--db", targetUrl(target()), "--yes"])).toMatchObject({ code: 0 });
  });
  afterAll(() => execute(service.admin, `DROP DATABASE IF EXISTS \`${target().schema}_api\``));

  it("prints its URL and token once, keeps written rows, and ends after Ctrl-C", async () => {
    const args = ["api", "serve", "--port", "0", "--db", targetUrl(target())];
    const serve = async (more: readonly string[] = [], env: NodeJS.ProcessEnv = {}) => {
      const running = startBench([...args, ...more], { env });
      let said = "";
      running.process.stdout?.on("data", (text: string) => (said += text));
      const url = await until("its address", async () => /^http:\S+$/m.exec(said)?.[0]);
      const client = clientOf({ url, batchProcessId: () => null, close: () => Promise.resolve() });
      const end = async () => {
        running.process.kill("SIGINT");
        return running.finished;
      };
      return { client, end, said: () => said };
    };
    const first = await serve(TINY);
    const token = await until("the token", async () => /^administration token: (\S{20,})$/m.exec(first.said())?.[1]);
    expect((await first.client.order(2)).status).toBe(201);
    expect((await first.client.call("GET", "/batches/1", { token })).status).toBe(404);
    const ended = await first.end();
    expect(ended.code).toBe(0);
    expect(ended.stderr).not.toContain(token);

    const own = "a-token-of-my-own-choice";
    const second = await serve(["--guard", "none", "--host", "0.0.0.0"], { BENCH_API_TOKEN: own });
    expect(second.client.server.url).toMatch(/^http:\/\/0\.0\.0\.0:\d+$/);
    expect((await second.client.order(3)).status).toBe(201);
    expect((await second.client.call("GET", "/batches/1", { token: own })).status).toBe(404);
    expect((await second.client.call("GET", "/batches/1", { token })).status).toBe(403);
    const { stdout, stderr } = await second.end();
    expect(stdout + stderr).not.toContain(own);
    expect(stderr).toMatch(/warning: the service listens on all interfaces and has no TLS/);
    expect(ended.stderr).not.toMatch(/TLS/);
    const rows = async (table: string): Promise<number> =>
      (await selectOne<{ found: number }>(service.admin, `SELECT COUNT(*) AS found FROM \`${target().schema}_api\`.${table}`))
        .found;
    expect(await rows("orders")).toBe(602);
    expect(await rows("write_log")).toBe(2);
  });

  it("exits 2 before it connects when an option is invalid", async () => {
    const nowhere = ["api", "serve", "--db", "mysql://nobody:secret@127.0.0.1:1/none"];
    for (const [args, env, said] of [
      [["--guard", "memory-flg"], {}, /UNKNOWN_NAME: no guard is named "memory-flg"\n.*did you mean memory-flag/],
      [["--port", "70000"], {}, /from 0 to 65,535/],
      [["--token-file", "/nowhere/token"], {}, /cannot read --token-file \/nowhere\/token: it does not exist/],
      [[], { BENCH_API_TOKEN: "short" }, /token in BENCH_API_TOKEN is unusable: 5 characters/],
      [["--connections", "0"], {}, /from 1 to/],
      [["--grace", "2h"], {}, /at most 10min/],
    ] as const) {
      // The environment belongs to a process.
      const command = [...nowhere, ...args];
      const { code, stderr } = "BENCH_API_TOKEN" in env ? await bench(command, { env }) : await benchInProcess(command);
      expect(stderr).toMatch(said);
      expect(stderr).not.toContain("short\n");
      expect(code).toBe(2);
    }
    const { code, stderr } = await benchInProcess(nowhere);
    expect(stderr).toMatch(/CONNECT_REFUSED/);
    expect(stderr).not.toContain("secret");
    expect(code).toBe(1);
  });

  it("exits 1 with CANNOT_LISTEN when the port is in use", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await benchInProcess(["api", "serve", "--db", targetUrl(target()), "--port", `${port}`]);
    other.close();
    expect(stderr).toMatch(/CANNOT_LISTEN/);
    expect(code).toBe(1);
  });
});
