/** The database restarts in the middle of a round, after kill -9 and in order. Members connect again and continue without a request. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../harness/database/index.ts";
import { identifyProcess } from "../../harness/database/processes.ts";
import { connect } from "../../lib/connection.ts";
import { isFull } from "../support/full.ts";
import { isCommit, openGate } from "../support/gate.ts";
import { embeddedObstacle, newInstance, type TestInstance } from "../support/instances.ts";
import { expectFinished } from "./members.ts";
import { openTestService } from "./service.ts";

describe.skipIf((await embeddedObstacle()) !== null)("a database that restarts in the middle of a round", () => {
  let instance: TestInstance;
  let database: Database;
  beforeAll(async () => {
    instance = newInstance();
    database = await instance.open();
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
    await instance[Symbol.asyncDispose]();
  });

  it.runIf(isFull).each(["SIGKILL", "SIGTERM"] as const)("fails no batch, and each user is written once: %s", async (signal) => {
    const target = { ...database.target, schema: `restart_${signal.toLowerCase()}` };
    const service = await openTestService("restart", target);
    await using gate = await openGate(target);
    await using held = await service.start({ target: gate.target });
    await using other = await service.start();
    const stopping = gate.next((sent) => isCommit(sent));
    const id = Number((await other.startBatch({ chunkUsers: 10, pauseMs: 20 })).body.id);
    const stopped = await stopping;
    const pid = database.serverPid ?? 0;
    process.kill(pid, signal);
    // A server that stops in order ends the session of the held member.
    await expect.poll(() => identifyProcess(pid), { interval: 20 }).toBeNull();
    stopped.cut();
    await database[Symbol.asyncDispose]();
    database = await instance.open();
    expect(database.target.port).toBe(target.port);
    const admin = await connect(target);
    await expectFinished({ ...service, admin }, held, id);
    await admin.end();
  });
});
