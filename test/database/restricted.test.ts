/**
 * Servers and accounts that show and allow less than the private server: runs still work, and missing numbers are empty and
 * noted.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { planCells } from "../../harness/plan/cells.ts";
import { crashSafetyOf } from "../../harness/probes/crash-safety.ts";
import type { RunResults } from "../../harness/results/records.ts";
import { executeRun } from "../../harness/run/runner.ts";
import { createQuiescer } from "../../harness/server-state/quiesce.ts";
import { connect, execute, select } from "../../lib/connection.ts";
import { silentLog } from "../../lib/log.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { childAccounts, openGrantedAccount } from "../support/accounts.ts";
import { openTestSchema } from "../support/database.ts";
import { isFull, variants } from "../support/full.ts";
import { embeddedObstacle } from "../support/instances.ts";
import { serverNotes } from "../support/records.ts";
import { startMysqlWith, type PlainServer } from "../support/servers.ts";
import { benchInProcess } from "../support/in-process.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "restricted-"));
});
afterAll(() => rm(folder, { recursive: true }));

const BOTH = ["chunked", "set-based"] as const;
/** For an account or server that differs from another one in a privilege that no technique uses. */
const ONE = isFull ? BOTH : (["chunked"] as const);

async function run(target: ConnectionTarget, strategies: readonly string[] = BOTH): Promise<RunResults> {
  return executeRun(
    {
      cells: await planCells([{ strategies, orms: ["mysql2"], keys: ["identity"], chunkUsers: [50] }]),
      rounds: 1,
      orderSeed: 1,
      suite: null,
      timeline: null,
      continued: null,
      dataset: { users: 50, orders: 1_000, dormantUsers: 0, dataSeed: 1 },
      database: { kind: "url", target, hasPassword: true },
      runId: "restricted",
      startedAt: new Date(),
      folder: await mkdtemp(join(folder, "run-")),
    },
    { log: silentLog, signal: new AbortController().signal },
  );
}

const outcomes = ({ samples }: RunResults) =>
  Object.fromEntries(samples.map(({ cell, status, reason }) => [cell.strategy, reason ?? status]));
const allWell = (strategies: readonly string[] = BOTH) => Object.fromEntries(strategies.map((id) => [id, "ok"]));

const SHARED = expect.stringMatching(/used the account of the harness.*statements were not counted.*expected rows/);
const NO_HISTORY = expect.stringMatching(/purge history is not shown to the account/);
const TRANSACTIONS_UNSEEN = expect.stringMatching(/^Transactions that a job left open at its end were not looked for/);
const LATE_WRITES = expect.stringMatching(/^Writes after the end of a job were stopped by the end of its sessions only/);
const NOT_COUNTED = expect.stringMatching(/^Statements were not counted: performance_schema/);

/** Costs that are never recorded on a user's server. Other tests add further notes. */
const NOT_RECORDED = expect.stringMatching(/^Not recorded, .*: (?=.*page splits)(?=.*the server's CPU time)/);
const NOTHING_OF_THE_ACCOUNT = expect.stringMatching(
  /^Not recorded, .*deadlocks.*; statements by kind.*; bytes to and from the server; transactions/,
);

const IN_PART = expect.stringMatching(/^Recorded in part: the longest transaction/);

/** Removes the grants that match. */
const without =
  (what: RegExp) =>
  (grants: string): string =>
    grants
      .split("\n")
      .filter((line) => line.startsWith("--") || !what.test(line))
      .join("\n");

describe("an account with only the grants of `bench db grants`", () => {
  const GRANTED = [
    ["at least", { withCounts: false }, [SHARED, TRANSACTIONS_UNSEEN, NO_HISTORY, LATE_WRITES, NOTHING_OF_THE_ACCOUNT], false],
    ["with counts", { withCounts: true }, [NOT_RECORDED, IN_PART], true],
    [
      "with counts but CREATE USER",
      { withCounts: true, change: without(/CREATE USER/) },
      [SHARED, NOTHING_OF_THE_ACCOUNT],
      false,
    ],
    [
      "with counts but GRANT OPTION",
      { withCounts: true, change: without(/GRANT OPTION/) },
      [SHARED, NOTHING_OF_THE_ACCOUNT],
      false,
    ],
    [
      "with counts but performance_schema",
      { withCounts: true, change: without(/performance_schema/) },
      [NOT_COUNTED, NOTHING_OF_THE_ACCOUNT],
      false,
    ],
    [
      "with counts but LOCK TABLES",
      { withCounts: true, change: without(/LOCK TABLES/) },
      [LATE_WRITES, NOT_RECORDED, IN_PART],
      true,
    ],
    ["with counts but PROCESS", { withCounts: true, change: without(/PROCESS/) }, [NO_HISTORY, NOT_RECORDED, IN_PART], true],
  ] as const;
  test.each(variants(GRANTED, ([name]) => ["at least", "with counts but PROCESS"].includes(name)))(
    "runs, and keeps sessions outside of the schema: %s",
    async (_, settings, notes, counts) => {
      // In a GRANT an underscore stands for any character, so the schema name contains one.
      await using schema = await openTestSchema("least_privilege");
      await using account = await openGrantedAccount(schema.target, settings);
      const strategies = "change" in settings ? ONE : BOTH;
      const elsewhere = await connect(account.target, { withSchema: false });
      const results = await run(account.target, strategies);
      // a run ends the sessions of its account in its schemas only
      expect(await select(elsewhere, "SELECT 1 AS alive")).toEqual([{ alive: 1 }]);
      await elsewhere.end();
      expect(outcomes(results)).toEqual(allWell(strategies));
      expect(serverNotes(results.run)).toEqual(notes);
      for (const { statements, costs } of results.samples) {
        if (counts) expect(statements).toBeGreaterThan(0);
        else expect(statements).toBeNull();
        if (counts) expect(costs?.transactions).toBeGreaterThan(0);
        else expect(costs).toMatchObject({ statementKinds: null, topStatements: null, bytesToServer: null, transactions: null });
        expect(costs).toMatchObject({ rowsInserted: expect.any(Number), pageSplits: null, serverCpuMs: null });
      }
      expect(await childAccounts(account.target).catch(() => 0)).toBe(0);
    },
  );

  const PRIVILEGES = ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER"];
  // the first one that a run needs, and one that only its samples need
  test.each(variants(PRIVILEGES, (privilege) => ["CREATE", "UPDATE"].includes(privilege)))(
    "needs each privilege: without %s the error names `bench db grants`",
    async (privilege) => {
      await using schema = await openTestSchema("least_privilege");
      const change = (grants: string) => grants.replaceAll(new RegExp(`\\b${privilege}, `, "g"), "");
      await using account = await openGrantedAccount(schema.target, { withCounts: false, change });
      await expect(run(account.target)).rejects.toMatchObject({
        code: "MISSING_GRANT",
        fix: expect.stringContaining(`bench db grants --schema ${schema.target.schema}`),
      });
    },
  );

  test("gets plain statements with quoted names, without a connection", async () => {
    const { code, stdout } = await benchInProcess(["db", "grants", "--user", "o'neill", "--host", "10.%", "--schema", "a_b"]);
    expect(code).toBe(0);
    expect(stdout).toContain("ON `a\\_b\\_scratch`.* TO 'o''neill'@'10.%';");
    expect(stdout).not.toMatch(/CREATE USER ON|SUPER|ALL PRIVILEGES|\*\.\*/);
    for (const line of stdout.split("\n")) expect(line).toMatch(/^(--.*|GRANT .*;|)$/);
  });

  test.each([
    [["--user", "", "--schema", "s"], /--user "" has 0 characters/],
    [["--user", "u", "--schema", "s".repeat(60)], /has 60 characters/],
    [["--user", "u"], /required option '--schema/],
  ])("exits 2 for names that the server would refuse: %j", async (args, said) => {
    expect(await benchInProcess(["db", "grants", ...args])).toMatchObject({ code: 2, stderr: expect.stringMatching(said) });
  });
});

describe.skipIf((await embeddedObstacle()) !== null)("a server without performance_schema and LOCAL INFILE", () => {
  let server: PlainServer;
  beforeAll(async () => {
    server = await startMysqlWith(["--performance-schema=OFF", "--local-infile=OFF", "--skip-log-bin"]);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test.runIf(isFull)("runs without counts, and quiesces by the remaining counters", async () => {
    const results = await run(server.target);
    expect(outcomes(results)).toEqual(allWell());
    expect(serverNotes(results.run)).toEqual([NOT_COUNTED, NOTHING_OF_THE_ACCOUNT]);
    expect(results.run.environment.server).toMatchObject({ durability: "full", isolation: "REPEATABLE-READ" });
  });

  test("runs with an account of minimal privileges, and distinguishes a durable server from a relaxed one", async () => {
    await using account = await openGrantedAccount({ ...server.target, schema: "least" }, { withCounts: false });
    const admin = await connect(server.target, { withSchema: false });
    // The cases below show that each of these settings is enough.
    await execute(admin, "SET GLOBAL innodb_flush_log_at_trx_commit = 2");
    await execute(admin, "ALTER INSTANCE DISABLE INNODB REDO_LOG");
    const results = await run(account.target, ONE);
    await execute(admin, "ALTER INSTANCE ENABLE INNODB REDO_LOG");
    await execute(admin, "SET GLOBAL innodb_flush_log_at_trx_commit = 1");
    expect(outcomes(results)).toEqual(allWell(ONE));
    expect(serverNotes(results.run)).toEqual([SHARED, TRANSACTIONS_UNSEEN, NO_HISTORY, LATE_WRITES, NOTHING_OF_THE_ACCOUNT]);
    const { durability, durabilityRisks } = results.run.environment.server;
    expect(durability).toBe("relaxed");
    expect(durabilityRisks.toSorted()).toEqual([
      expect.stringMatching(/^innodb_flush_log_at_trx_commit=2: /),
      expect.stringMatching(/^innodb_redo_log_enabled=OFF: /),
    ]);
    await admin.end();
  });
});

test("a server without any counters gets a pause and one note", async () => {
  const noTable = Object.assign(new Error("no such table"), { errno: 1146, sqlState: "42S02" });
  const blind = { query: () => Promise.reject(noTable) } as unknown as Parameters<typeof createQuiescer>[0];
  const quiescer = await createQuiescer(blind);
  expect(quiescer.notes).toEqual([expect.stringMatching(/shows no counters.*pause of 3 s/)]);
  expect(await quiescer.quiesce()).toMatchObject({ warning: null, quiesceMs: expect.closeTo(3_000, -3) });
});

test("a server that dies before a sample is no server without counters", async () => {
  const dead = { query: () => Promise.reject(new Error("Connection lost")) } as unknown as Parameters<typeof createQuiescer>[0];
  await expect(createQuiescer(dead)).rejects.toThrow("Connection lost");
});

describe("durability", () => {
  const OURS = { innodb_flush_log_at_trx_commit: "1", sync_binlog: "1", innodb_doublewrite: "ON", log_bin: "ON" };
  test.each([
    ["all flushes on", "8.4.9", OURS, "full"],
    ["no binary log", "8.4.9", { ...OURS, log_bin: "OFF", sync_binlog: "0" }, "full"],
    ["a lazy redo log", "8.4.9", { ...OURS, innodb_flush_log_at_trx_commit: "2" }, "relaxed"],
    ["a lazy binary log", "8.4.9", { ...OURS, sync_binlog: "0" }, "relaxed"],
    ["no doublewrite", "8.4.9", { ...OURS, innodb_doublewrite: "OFF" }, "relaxed"],
    ["no redo log", "8.4.9", { ...OURS, innodb_redo_log_enabled: "OFF" }, "relaxed"],
    ["files that are never flushed", "8.4.9", { ...OURS, innodb_flush_method: "nosync" }, "relaxed"],
    ["a doublewrite that only detects", "8.4.9", { ...OURS, innodb_doublewrite: "DETECT_ONLY" }, "full"],
    ["MariaDB's three flushes", "10.11.14-MariaDB", { ...OURS, innodb_flush_log_at_trx_commit: "3" }, "full"],
    ["MariaDB's version text", "10.11.14-MariaDB", OURS, "full"],
    ["invisible settings", "8.0.30", {}, "managed"],
    ["Aurora", "8.0.39", { ...OURS, aurora_version: "3.08.0" }, "managed"],
    ["RDS", "8.4.3", { ...OURS, basedir: "/rdsdbbin/mysql-8.4.3.R1/" }, "managed"],
    ["Cloud SQL", "8.0.41-google", OURS, "managed"],
    ["Azure", "8.0.42-azure", OURS, "managed"],
    ["HeatWave", "9.2.2-cloud", OURS, "managed"],
    ["Vitess", "8.0.30-Vitess", OURS, "managed"],
    ["a version that resembles a managed one", "8.0.36-28-cloudy", OURS, "full"],
  ])("of %s", (_, version, variables, expected) => {
    expect(crashSafetyOf({ isOwned: false, version, variables: new Map(Object.entries(variables)) }).durability).toBe(expected);
  });

  test("of a private server follows its settings, independent of its version text", () => {
    const facts = { isOwned: true, version: "8.4.9-cloud", variables: new Map(Object.entries(OURS)) };
    expect(crashSafetyOf(facts)).toEqual({ durability: "full", risks: [] });
    expect(crashSafetyOf({ ...facts, variables: new Map() }).durability).toBe("unknown");
  });

  test("names the risk of each setting", () => {
    const variables = { ...OURS, sync_binlog: "0", innodb_doublewrite: "DETECT_ONLY", innodb_redo_log_enabled: "OFF" };
    const { risks } = crashSafetyOf({ isOwned: false, version: "8.4.9", variables: new Map(Object.entries(variables)) });
    expect(risks.map((risk) => risk.slice(0, risk.indexOf(":")))).toEqual([
      "innodb_redo_log_enabled=OFF",
      "innodb_doublewrite=DETECT_ONLY",
      "sync_binlog=0",
    ]);
  });
});
