/** The server is killed, restarted, full, or refuses connections during a load or a run. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../harness/database/index.ts";
import { identifyProcess } from "../../harness/database/processes.ts";
import { readRecords } from "../../harness/results/records.ts";
import { connect, execute, type Connection } from "../../lib/connection.ts";
import type { ErrorCode } from "../../lib/errors.ts";
import { isFull, variants } from "../support/full.ts";
import { embeddedObstacle, newInstance, type TestInstance } from "../support/instances.ts";
import { openTestRuns, type TestRuns } from "../support/run.ts";
import { startMysqlWith } from "../support/servers.ts";
import { benchInProcess } from "../support/in-process.ts";
import {
  expectErrorIn,
  expectNoProcess,
  expectNothingLeft,
  expectOneError,
  loadArguments,
  resumeArguments,
  runArguments,
  startMarked,
  untilSaid,
} from "./shared.ts";
import { dyingAt } from "./fake-servers.ts";

const obstacle = await embeddedObstacle();

describe("a server that dies", () => {
  let runs: TestRuns;
  beforeAll(async () => {
    runs = await openTestRuns("bad_server");
  });
  afterAll(() => runs[Symbol.asyncDispose]());

  /** In the order of a run: the statement at which the server dies. */
  const MOMENTS: readonly (readonly [when: string, said: string, error: ErrorCode])[] = [
    ["while bench reads its version", "SELECT VERSION()", "SERVER_LOST"],
    ["while the time is estimated", "DO 1", "SERVER_LOST"],
    ["while the schema is created", "CREATE DATABASE", "SERVER_LOST"],
    ["while the tables are created", "CREATE TABLE IF NOT EXISTS badges", "SERVER_LOST"],
    ["while rows are sent", "INTO TABLE `orders`", "SERVER_LOST"],
    ["while the index is built", "ADD INDEX", "SERVER_LOST"],
    ["while the lock is taken", "GET_LOCK", "SERVER_LOST"],
    ["while the warm-up's schema is created", "_scratch` DEFAULT", "SERVER_LOST"],
    ["while the processes' account is created", "CREATE USER", "SERVER_LOST"],
    ["while the expected result is computed", "_expected_coupon_issues", "SERVER_LOST"],
    ["while its settings are read", "SHOW GLOBAL VARIABLES", "SERVER_LOST"],
    ["while the tables are reset", "TRUNCATE TABLE", "SERVER_LOST"],
    ["while the measured process connects", "START TRANSACTION", "SERVER_LOST"],
    ["while a sample is measured", "INSERT INTO grade_logs", "SERVER_LOST"],
    ["while a sample is verified", "AS hash FROM", "SERVER_LOST"],
  ];

  /** One for each kind of connection: loader, workspace, reset, measured process. */
  const REPRESENTATIVE = ["INTO TABLE `orders`", "GET_LOCK", "TRUNCATE TABLE", "INSERT INTO grade_logs"];

  /** Here a process of bench must end, although it loads or measures in other processes and connections. */
  const WITH_PROCESSES = ["INTO TABLE `orders`", "INSERT INTO grade_logs"];

  it.each(variants(MOMENTS, ([, said]) => REPRESENTATIVE.includes(said)))(
    "%s causes one clear error",
    async (_when, said, error) => {
      await using server = await dyingAt(runs.target, said);
      const out = await mkdtemp(join(runs.folder, "dying-"));
      const args = runArguments(server.target, "chunked", "--rounds", "1", "--out", out);
      const expected = { error, said: /127\.0\.0\.1|the server failed/, secrets: [runs.target.password] };
      if (isFull || WITH_PROCESSES.includes(said)) await expectOneError(startMarked(args), expected);
      else expectErrorIn(await benchInProcess(args), expected);
    },
  );

  it.runIf(isFull)("leaves a schema that the next run can use", async () => {
    const bench = startMarked(runArguments(runs.target, "chunked", "--rounds", "1", "--out", join(runs.folder, "after")));
    expect(await bench.finished).toMatchObject({ code: 0 });
    await expectNothingLeft(runs.target);
  });
});

describe.skipIf(obstacle !== null)("a server that bench started", () => {
  let instance: TestInstance;
  let database: Database;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bad-server-"));
    instance = newInstance();
    database = await instance.open();
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
    await instance[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  async function end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const pid = database.serverPid ?? 0;
    process.kill(pid, signal);
    await expect.poll(() => identifyProcess(pid), { interval: 20 }).toBeNull();
  }

  async function startAgain(): Promise<void> {
    const { target } = database;
    await database[Symbol.asyncDispose]();
    database = await instance.open();
    expect(database.target).toEqual(target);
  }

  const ENDS = [
    ["killed with -9", "SIGKILL", ["--workers", isFull ? "3" : "2"]],
    // the run must take longer than a clean shutdown
    ["restarted", "SIGTERM", ["--users", "800", "--orders", "26000"]],
  ] as const;
  it.runIf(isFull).each(ENDS)(
    "%s in mid-run loses no saved record, and --resume continues the run after the server's restart",
    async (_how, signal, args) => {
      const out = join(folder, signal);
      const run = runArguments(database.target, "chunked", "naive", "--rounds", "1", "--order-seed", "1", ...args, "--out", out);
      const bench = startMarked(["--verbose", ...run]);
      // the timed part of the second sample, naive, has started
      await untilSaid(bench, /: run$/m, 2);
      await end(signal);
      await expectOneError(bench, {
        error: "SERVER_LOST",
        said: /the server failed during naive\/mysql2[^]*bench run --resume/,
        secrets: [database.target.password],
      });
      const before = await readFile(join(out, "records.jsonl"), "utf8");
      expect(await readRecords(join(out, "records.jsonl"))).toMatchObject({
        samples: [{ status: "ok" }],
        end: { how: "failed" },
      });

      await startAgain();
      const resumed = startMarked(resumeArguments(database.target, out));
      expect(await resumed.finished).toMatchObject({ code: 0, stdout: expect.stringContaining("2 of 2 samples verified") });
      expect((await readFile(join(out, "records.jsonl"), "utf8")).startsWith(before)).toBe(true);
      await expectNothingLeft(database.target);
    },
  );

  it("refuses a run with a cell that needs more connections than it accepts, and creates nothing", async () => {
    const admin = await connect(database.target, { withSchema: false });
    try {
      await execute(admin, "SET GLOBAL max_connections = 24");
      const out = join(folder, "few");
      const run = runArguments(database.target, "chunked", "--rounds", "1", "--workers", "1,3", "--out", out);
      expectErrorIn(await benchInProcess(run), {
        error: "TOO_MANY_CONNECTIONS",
        said: /workers=3, 3 workers, with a pool of 10 needs 30 connections, .* allows 24 \(max_connections\)/,
      });
    } finally {
      await execute(admin, "SET GLOBAL max_connections = 300");
      await admin.end();
    }
    await expectNothingLeft(database.target);
  });

  it("causes an error with the fix when it accepts no further connection", async () => {
    const others: Connection[] = [await connect(database.target, { withSchema: false })];
    const [admin] = others;
    if (admin === undefined) throw new Error("no connection");
    try {
      await execute(admin, "SET GLOBAL max_connections = 3");
      // includes the connection that MySQL reserves for administrators
      for (let more = 0; more < 3; more += 1) others.push(await connect(database.target, { withSchema: false }));
      expectErrorIn(await benchInProcess(loadArguments(database.target, "--users", "50", "--orders", "500")), {
        error: "TOO_MANY_CONNECTIONS",
        said: /Too many connections[^]*the server's max_connections is reached/,
        secrets: [database.target.password],
      });
    } finally {
      await execute(admin, "SET GLOBAL max_connections = 300");
      for (const connection of others) await connection.end();
    }
  });
});

describe.skipIf(obstacle !== null)("a server whose disk is full", () => {
  it.runIf(isFull)("is named as the reason, and accepts a load again when there is room", async () => {
    // the limit of the file that contains all tables
    const limits = ["--innodb-file-per-table=OFF", "--innodb-data-file-path=ibdata1:12M:autoextend:max:16M"];
    await using server = await startMysqlWith(limits);
    const said = /failed: The table '\w+' is full[^]*free space on the server's disk/;
    const bench = startMarked(loadArguments(server.target, "--users", "3000", "--orders", "200000"));
    await expectOneError(bench, { error: "SERVER_FULL", said, secrets: [server.target.password] });
    await expectNothingLeft(server.target);
    const small = startMarked(loadArguments(server.target, "--users", "50", "--orders", "500"));
    expect((await small.finished).code).toBe(0);
    await expectNoProcess(small);
  });
});
