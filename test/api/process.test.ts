/** Batches that one separate process runs: its death, its sleep, and the end of its service. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { execute, select } from "../../lib/connection.ts";
import { doneUsers, expectRightResult } from "./members.ts";
import { DORMANT_USER, holdUser, openTestService, TOKEN, until, type TestService } from "./service.ts";
import { TECHNIQUE } from "./technique.ts";

let service: TestService;
beforeAll(async () => {
  service = await openTestService("api_process");
});
afterAll(() => service[Symbol.asyncDispose]());
beforeEach(() => service.reset());

/** A user in the middle of the batch, and the last one. */
const middleUser = (): number => service.targets[Math.floor(service.targets.length / 2)] ?? 0;
const lastUser = (): number => service.targets.at(-1) ?? 0;

function isAlive(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch {
    return false;
  }
}

describe("a batch in a separate process", () => {
  it("fails when its separate process is killed, blocks nobody, and resumes under the same number", async () => {
    await using client = await service.start({ guard: "memory-flag", strategy: TECHNIQUE });
    await using held = await holdUser(service.target, middleUser());
    const body = { style: "strategy", chunkUsers: 10 };
    const id = Number((await client.startBatch(body)).body.id);
    await until("chunks before the locked user", async () => (await doneUsers(service)) >= 20);
    const processId = client.server.batchProcessId();
    if (processId === null) throw new Error("no batch process");
    // A user after the middle. The batch has not locked its row.
    const stored = await until("a hint", async () => {
      const answer = await client.badge(lastUser(), 1, true);
      return answer.status === 202 && answer;
    });
    expect((await client.order(DORMANT_USER)).status).toBe(201);
    // Its session waits for the locked user and holds the fence, longer than the first attempts to record the failure.
    await until("a wait for the row", async () => {
      const [row] = await select<{ waits: number }>(
        service.admin,
        "SELECT COUNT(*) AS waits FROM performance_schema.data_lock_waits",
      );
      return (row?.waits ?? 0) > 0;
    });
    process.kill(processId, "SIGKILL");
    await until("an attempt that waits for the fence", async () => {
      const [row] = await select<{ waits: number }>(
        service.admin,
        "SELECT COUNT(*) AS waits FROM performance_schema.data_lock_waits",
      );
      return (row?.waits ?? 0) > 1;
    });
    await held.release();
    expect((await client.batchEnd(id)).body).toMatchObject({ status: "failed", failure: expect.stringContaining("SIGKILL") });
    expect((await client.finalAnswer(String(stored.body.requestId))).body).toMatchObject({ status: "applied", statusCode: 200 });
    expect((await client.order(lastUser())).status).toBe(201);
    expect(await client.startBatch(body)).toMatchObject({ status: 202, body: { id } });
    expect((await client.batchEnd(id)).body.status).toBe("finished");
    expect(await doneUsers(service)).toBe(service.targets.length);
  });

  it("fails at once when its separate process dies before its first heartbeat, and defers no write afterwards", async () => {
    await using client = await service.start({ guard: "memory-flag" });
    const id = Number((await client.startBatch({ style: "long" })).body.id);
    process.kill(client.server.batchProcessId() ?? 0, "SIGKILL");
    expect((await client.batchEnd(id)).body).toMatchObject({ status: "failed", failure: expect.stringContaining("SIGKILL") });
    expect((await client.order(middleUser())).status).toBe(201);
  });

  it("fails within its lease when its separate process is stopped inside of a transaction, and no row stays locked", async () => {
    await using client = await service.start({ guard: "no-wait", processLeaseMs: 2_000 });
    await using held = await holdUser(service.target, middleUser());
    const id = Number((await client.startBatch({ style: "long" })).body.id);
    const processId = await until("the wait for the locked user", async () => {
      const { body } = await client.call("GET", `/batches/${id}`, { token: TOKEN });
      return Number(body.usersDone) > 0 ? client.server.batchProcessId() : null;
    });
    process.kill(processId, "SIGSTOP");
    expect((await client.batchEnd(id)).body).toMatchObject({ status: "failed", failure: expect.stringContaining("SIGKILL") });
    // its users were written and rolled back
    expect((await client.call("GET", `/batches/${id}`, { token: TOKEN })).body.usersDone).toBe(0);
    await held.release();
    await until("free rows", async () => (await client.order(service.targets[0] ?? 0)).status === 201);
    expect((await client.startBatch({ style: "long" })).status).toBe(202);
    expect((await client.batchEnd(id)).body.status).toBe("finished");
    await expectRightResult(service, id);
  });

  it("writes nothing in its separate process after another attempt began", async () => {
    await using client = await service.start({ guard: "no-wait", strategy: TECHNIQUE });
    await using held = await holdUser(service.target, middleUser());
    const id = Number((await client.startBatch({ style: "strategy", chunkUsers: 20 })).body.id);
    await until("some chunks", async () => (await doneUsers(service)) > 0);
    // Between two chunks the batch holds no row. In a chunk it holds its row in batch_owners until the user is released.
    const taking = execute(service.admin, "UPDATE batch_owners SET attempt = attempt + 1 WHERE batch_id = ?", [id]);
    await held.release();
    await taking;
    const rows = await doneUsers(service);
    await until("its end", async () => client.server.batchProcessId() === null);
    expect(await doneUsers(service)).toBe(rows);
    expect(rows).toBeLessThan(service.targets.length);
  });

  it.each([null, "connections"] as const)("ends all workers with the failure of one of them: %s", async (parallel) => {
    // The worker of the first users fails; without a stop, the other one never ends.
    const code = `import { setTimeout as delay } from "node:timers/promises";
      export const strategy = { requires: [], async run({ partition, finished }) {
        if (partition.firstUserId === 1) throw new Error("the first worker fails");
        for (;;) { finished(partition.firstUserId, 0); await delay(5); }
      } };`;
    const codeUrl = `data:text/javascript,${encodeURIComponent(code)}`;
    await using client = await service.start({ guard: "no-wait", strategy: { ...TECHNIQUE, codeUrl, workers: 2, parallel } });
    const id = Number((await client.startBatch({ style: "strategy" })).body.id);
    expect((await client.batchEnd(id)).body).toMatchObject({ status: "failed", failure: "the first worker fails" });
    await until("its end", async () => client.server.batchProcessId() === null);
  });

  it("lets the other workers of a technique write while one of them waits for a row", async () => {
    await using client = await service.start({ guard: "no-wait", strategy: { ...TECHNIQUE, workers: 2 } });
    await using held = await holdUser(service.target, service.targets[0] ?? 0);
    const id = Number((await client.startBatch({ style: "strategy", chunkUsers: 20 })).body.id);
    const middle = lastUser() / 2;
    const ofSecondWorker = service.targets.filter((userId) => userId > middle).length;
    await until("the second half", async () => (await doneUsers(service)) === ofSecondWorker);
    await held.release();
    expect((await client.batchEnd(id)).body.status).toBe("finished");
    await expectRightResult(service, id);
  });

  it("does not delay the end of the service when its separate process sleeps, and ends with the service", async () => {
    const client = await service.start({ guard: "no-wait", processLeaseMs: 60_000 });
    await using _held = await holdUser(service.target, middleUser());
    await client.startBatch({ style: "long" });
    const processId = await until("its process", async () => client.server.batchProcessId());
    await until("its targets", async () => (await select(service.admin, "SELECT 1 FROM batch_targets LIMIT 1")).length > 0);
    process.kill(processId, "SIGSTOP");
    await client[Symbol.asyncDispose]();
    const isLeft = isAlive(processId);
    if (isLeft) process.kill(processId, "SIGKILL");
    expect(isLeft).toBe(false);
  });
});
