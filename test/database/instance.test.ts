/** The private server in normal operation and after failures. */
import { spawn } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readServerUuid } from "../../harness/database/data-folder.ts";
import type { Database } from "../../harness/database/index.ts";
import { instanceStatus } from "../../harness/database/status.ts";
import { stopInstance } from "../../harness/database/managed.ts";
import { identifyProcess } from "../../harness/database/processes.ts";
import { connect, execute, select } from "../../lib/connection.ts";
import { silentLog } from "../../lib/log.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { embeddedObstacle, newInstance, type TestInstance } from "../support/instances.ts";
import { isFull } from "../support/full.ts";

async function onServer<T>(
  target: ConnectionTarget,
  read: (connection: Awaited<ReturnType<typeof connect>>) => Promise<T>,
): Promise<T> {
  const connection = await connect(target, { withSchema: false });
  try {
    return await read(connection);
  } finally {
    await connection.end();
  }
}

async function stateOf(instance: TestInstance): Promise<string> {
  return (await instanceStatus(instance.options)).state;
}

const isPossible = (await embeddedObstacle()) === null;

/** The tests share one instance, and each begins with its server stopped. */
describe.runIf(isPossible)("a private server that stops and starts again", () => {
  let instance: TestInstance;
  beforeAll(() => {
    instance = newInstance();
  });
  afterAll(() => instance[Symbol.asyncDispose]());

  test("is shared by all processes that open it, and stops when the last one closes it", async () => {
    const [first, second, third] = await Promise.all([instance.open(), instance.open(), instance.open()]);
    expect(new Set([first.serverUuid, second.serverUuid, third.serverUuid]).size).toBe(1);
    expect(new Set([first.serverPid, second.serverPid, third.serverPid]).size).toBe(1);
    expect(first).toMatchObject({
      provider: "embedded",
      owned: true,
      binaryManifest: /^[0-9a-f]{64}$/.exec(first.binaryManifest ?? "")?.[0],
    });

    await expect(stopInstance(instance.options, { only: undefined, force: false })).rejects.toMatchObject({
      code: "INSTANCE_BUSY",
    });
    await first[Symbol.asyncDispose]();
    await third[Symbol.asyncDispose]();
    expect(await stateOf(instance)).toBe("running");
    await second[Symbol.asyncDispose]();
    expect(await stateOf(instance)).toBe("stopped");
    expect(await stopInstance(instance.options, { only: undefined, force: false })).toEqual([]);
  });

  test.runIf(isFull)("is not confused with a process that has its old process id", async () => {
    const serverUuid = await readServerUuid(join(instance.path, "data"));
    expect(serverUuid).not.toBeNull();
    const statePath = join(instance.path, "state.json");
    const state = await readFile(statePath, "utf8");
    await writeFile(statePath, state.replace(/"pid":\d+/, `"pid":${process.pid}`));
    expect(await stateOf(instance)).toBe("stopped");
    await using again = await instance.open();
    expect(again.serverUuid).toBe(serverUuid);
    expect(again.serverPid).not.toBe(process.pid);
  });

  test.runIf(isFull)("keeps its data after kill -9 and starts again although another server uses its port", async () => {
    const killed = await instance.open();
    await onServer(killed.target, async (connection) => {
      await execute(connection, "CREATE DATABASE kept");
      await execute(connection, "CREATE TABLE kept.t (id INT PRIMARY KEY)");
      await execute(connection, "INSERT INTO kept.t VALUES (7)");
    });
    const pid = killed.serverPid ?? 0;
    process.kill(pid, "SIGKILL");
    await expect.poll(() => identifyProcess(pid), { interval: 10 }).toBeNull();
    const foreign = createServer((socket) => socket.end()).listen(killed.target.port, "127.0.0.1");
    await once(foreign, "listening");
    try {
      await using again = await instance.open();
      expect(again.serverUuid).toBe(killed.serverUuid);
      expect(again.target.port).not.toBe(killed.target.port);
      expect(await onServer(again.target, (connection) => select(connection, "SELECT id FROM kept.t"))).toEqual([{ id: 7 }]);
    } finally {
      foreign.close();
      await killed[Symbol.asyncDispose]();
    }
  });
});

/** The tests share one running server; the last test stops it. */
describe.runIf(isPossible)("a running private server", () => {
  let instance: TestInstance;
  let database: Database;
  beforeAll(async () => {
    instance = newInstance();
    database = await instance.open();
  });
  afterAll(() => instance[Symbol.asyncDispose]());

  test("is durable, listens only on loopback, and accepts only its account's password", async () => {
    const { target } = database;
    const [settings] = await onServer(target, (connection) =>
      select(
        connection,
        "SELECT @@innodb_flush_log_at_trx_commit AS flush, @@sync_binlog AS binlog, @@innodb_doublewrite AS doublewrite, @@bind_address AS address, @@skip_name_resolve AS names, @@local_infile AS local_infile",
      ),
    );
    expect(settings).toEqual({ flush: 1, binlog: 1, doublewrite: "ON", address: "127.0.0.1", names: 1, local_infile: 1 });
    for (const account of [
      { user: "root", password: "" },
      { user: "bench", password: "" },
      { user: "bench", password: "bench" },
    ])
      await expect(connect({ ...target, ...account }, { withSchema: false })).rejects.toMatchObject({ code: "ACCESS_DENIED" });
  });

  test.runIf(isFull)("is found by its data folder if its starter died before it wrote the state file", async () => {
    await rm(join(instance.path, "state.json"));
    await using found = await instance.open();
    expect(found.serverPid).toBe(database.serverPid);
    expect(found.target).toEqual(database.target);
  });

  test.runIf(isFull)("is refused before a change if its uuid differs from the data folder's, and can still stop", async () => {
    const schemas = (): Promise<unknown[]> => onServer(database.target, (connection) => select(connection, "SHOW DATABASES"));
    const before = await schemas();
    const identityPath = join(instance.path, "data/auto.cnf");
    const identity = await readFile(identityPath, "utf8");
    await writeFile(identityPath, identity.replace(/server-uuid=.*/, "server-uuid=00000000-0000-0000-0000-000000000000"));
    await expect(instance.open()).rejects.toMatchObject({ code: "FOREIGN_SERVER", exitCode: 1 });
    expect(await schemas()).toEqual(before);
    await database[Symbol.asyncDispose]();
    expect(await stateOf(instance)).toBe("stopped");
  });
});

describe.runIf(isPossible).concurrent("a private server", () => {
  test.runIf(isFull)("starts on another port when its port becomes occupied during the start", async () => {
    await using instance = newInstance();
    const foreign = createServer((socket) => socket.end());
    const ports: number[] = [];
    const detail = (line: string): void => {
      const port = /^starting MySQL .*:(\d+),/.exec(line)?.[1];
      if (port === undefined) return;
      ports.push(Number(port));
      if (!foreign.listening) foreign.listen(Number(port), "127.0.0.1");
    };
    try {
      await using database = await instance.open({ ...silentLog, detail });
      expect(ports.length).toBe(2);
      expect(database.target.port).toBe(ports[1]);
    } finally {
      foreign.close();
    }
  });

  test.runIf(isFull)("stops after a killed bench that used it", async () => {
    await using instance = newInstance();
    const script = `
      const { openDatabase } = await import(${JSON.stringify(new URL("../../harness/database/index.ts", import.meta.url).href)});
      const { silentLog } = await import(${JSON.stringify(new URL("../../lib/log.ts", import.meta.url).href)});
      const database = await openDatabase({ kind: "managed", provider: "embedded" }, { log: silentLog, instance: "${instance.options.name}", profile: "test" });
      console.log(database.serverPid);
      setInterval(() => {}, 1000);`;
    const other = spawn(process.execPath, ["--input-type=module", "--eval", script], { stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(other, "exit");
    const pid: string = await new Promise((resolve) => other.stdout.setEncoding("utf8").once("data", resolve));
    const mine = await instance.open();
    expect(mine.serverPid).toBe(Number(pid));
    other.kill("SIGKILL");
    await exited;
    await mine[Symbol.asyncDispose]();
    expect(await stateOf(instance)).toBe("stopped");
  });
});
