/** Settings of the whole server that a run changes: durability and buffer pool. So this test starts a separate server. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureDataset } from "../../fixtures/index.ts";
import { openBufferPool, restoreBufferPool } from "../../harness/server-state/buffer-pool.ts";
import { openDurability, restoreDurability } from "../../harness/server-state/durability-settings.ts";
import { ensureOracle } from "../../harness/verify/oracle.ts";
import { planCells } from "../../harness/plan/cells.ts";
import { openServerProbes } from "../../harness/probes/server/index.ts";
import { openRoutes } from "../../harness/rtt/index.ts";
import type { SampleResult } from "../../harness/results/records.ts";
import { takeConfirmed } from "../../harness/run/confirmed-sample.ts";
import { openWorkspace } from "../../harness/run/workspace.ts";
import { connect, execute, selectOne, type Connection } from "../../lib/connection.ts";
import { silentLog } from "../../lib/log.ts";
import { embeddedObstacle } from "../support/instances.ts";
import { startMysqlWith, type PlainServer } from "../support/servers.ts";

const USERS = 40;
const FULL = { flush: 1, sync: 1 };
const RELAXED = { flush: 2, sync: 0 };

describe.skipIf((await embeddedObstacle()) !== null)("the settings of a server", () => {
  let server: PlainServer;
  let admin: Connection;
  beforeAll(async () => {
    server = await startMysqlWith([]);
    admin = await connect(server.target, { withSchema: false });
  });
  afterAll(async () => {
    await admin.end();
    await server[Symbol.asyncDispose]();
  });
  const settings = () => selectOne(admin, "SELECT @@innodb_flush_log_at_trx_commit AS flush, @@sync_binlog AS sync");

  it("are durable at the start after a killed process, with a sentence about it, relaxed on request, and full at the end", async () => {
    await execute(admin, "SET GLOBAL sync_binlog = 0");
    const durability = await openDurability(admin, true);
    expect(await settings()).toEqual(FULL);
    expect(durability.restored).toBe(
      "an earlier run was killed and left the server with relaxed durability (sync_binlog=0); bench restored full durability",
    );
    expect(await restoreDurability(admin, true)).toBeNull();
    await durability.set("relaxed");
    expect(await settings()).toEqual(RELAXED);
    await durability.set(null);
    expect(await settings()).toEqual(FULL);
    await durability.set("relaxed");
    await durability[Symbol.asyncDispose]();
    expect(await settings()).toEqual(FULL);
  });

  it("keep relaxed durability for another process while a run measures, and is restored after the kill of that run", async () => {
    const running = await connect(server.target, { withSchema: false });
    running.on("error", () => {});
    const durability = await openDurability(running, true);
    await durability.set("relaxed");
    expect(await restoreDurability(admin, true)).toBeNull();
    expect(await settings()).toEqual(RELAXED);
    await execute(admin, `KILL ${running.threadId}`);
    // the server frees the lock when it has ended the session
    await expect.poll(() => restoreDurability(admin, true)).toMatch(/innodb_flush_log_at_trx_commit=2, sync_binlog=0/);
    expect(await settings()).toEqual(FULL);
    running.destroy();
  });

  it("never change the durability of a user's server", async () => {
    await execute(admin, "SET GLOBAL innodb_flush_log_at_trx_commit = 2");
    try {
      await using durability = await openDurability(admin, false);
      await durability.set(null);
      await expect(durability.set("relaxed")).rejects.toThrow("only of servers that it manages");
      expect(await settings()).toEqual({ flush: 2, sync: 1 });
    } finally {
      await execute(admin, "SET GLOBAL innodb_flush_log_at_trx_commit = 1");
    }
  });

  const MEBIBYTE = 2 ** 20;
  /** of the profile of tests */
  const USUAL = 256 * MEBIBYTE;
  const SMALL = 128 * MEBIBYTE;
  const poolBytes = async () => (await selectOne<{ bytes: number }>(admin, "SELECT @@innodb_buffer_pool_size AS bytes")).bytes;

  it("keep less data in memory for the time of a run, and the usual amount after it", async () => {
    const pool = await openBufferPool(admin, USUAL, SMALL);
    expect(await poolBytes()).toBe(SMALL);
    expect(pool.restored).toBeNull();
    const { pages } = await selectOne<{ pages: string }>(
      admin,
      "SELECT VARIABLE_VALUE AS pages FROM performance_schema.global_status WHERE VARIABLE_NAME = 'Innodb_buffer_pool_pages_total'",
    );
    expect(Number(pages) * 16_384).toBeLessThanOrEqual(SMALL);
    await pool[Symbol.asyncDispose]();
    expect(await poolBytes()).toBe(USUAL);
  });

  it("refuse a size that the server rounds to another one, and keeps its own size", async () => {
    await expect(openBufferPool(admin, USUAL, 100 * MEBIBYTE)).rejects.toMatchObject({
      code: "BAD_OPTION",
      message: "the server has a buffer pool of 128 MiB, and the run requires 100 MiB",
      fix: expect.stringMatching(/^pass --buffer-pool 128MB,/),
    });
    expect(await poolBytes()).toBe(USUAL);
  });

  it("restore the buffer pool of a killed run, but not that of a run that measures", async () => {
    const running = await connect(server.target, { withSchema: false });
    running.on("error", () => {});
    await openBufferPool(running, USUAL, SMALL);
    expect(await restoreBufferPool(admin, USUAL)).toBeNull();
    expect(await poolBytes()).toBe(SMALL);
    await execute(admin, `KILL ${running.threadId}`);
    // the server frees the lock when it has ended the session
    await expect
      .poll(() => restoreBufferPool(admin, USUAL))
      .toBe("an earlier run was killed and left the server with a buffer pool of 128 MiB; bench restored 256 MiB");
    expect(await poolBytes()).toBe(USUAL);
    running.destroy();
  });

  it("never give a user's server another buffer pool", async () => {
    await using _pool = await openBufferPool(admin, null, SMALL);
    expect(await poolBytes()).toBe(USUAL);
  });

  it("decide whether single rows wait for the disk: relaxed needs less than half of the fsyncs for the same statements", async () => {
    const { target } = server;
    const signal = new AbortController().signal;
    const dataset = await ensureDataset(target, { users: USERS, orders: 600, dormantUsers: 0, dataSeed: 1 }, { log: silentLog });
    await using workspace = await openWorkspace(target, silentLog, signal);
    await ensureOracle(workspace.admin, dataset.contentHash, silentLog);
    await using durability = await openDurability(workspace.admin, true);
    await using routes = await openRoutes(target, [], silentLog);
    const facts = { isOwned: true, account: workspace.account.counted, serverPid: null };
    await using probes = await openServerProbes(target, facts, silentLog);
    const cells = await planCells([
      { strategies: ["naive"], orms: ["mysql2"], keys: ["identity"], chunkUsers: [], durabilities: [null, "relaxed"] },
    ]);
    const samples: SampleResult[] = [];
    for (const [index, planned] of cells.entries())
      samples.push(
        await takeConfirmed(
          planned,
          { jobRunId: index + 1, nextRunId: () => cells.length + index + 1 },
          {
            workspace,
            probes,
            routes,
            durability,
            users: { firstUserId: 1, lastUserId: USERS },
            activeUsers: USERS,
            paidOrders: 0,
            onPhase() {},
            onProgress() {},
            onWarning() {},
            signal,
          },
        ),
      );
    const [full, relaxed] = samples;
    expect(samples.map(({ status, reason }) => reason ?? status)).toEqual(["ok", "ok"]);
    expect(relaxed?.statements).toBe(full?.statements);
    expect(relaxed?.costs?.fsyncs).toBeLessThan((full?.costs?.fsyncs ?? 0) / 2);
  });
});
