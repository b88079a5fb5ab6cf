/** A real MariaDB by URL: the working features, and the notes about missing ones. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createScratch, ensureDataset } from "../../fixtures/index.ts";
import { createChildAccount, type ChildAccount } from "../../harness/server-state/account.ts";
import { ensureOracle, JOB } from "../../harness/verify/oracle.ts";
import { planCells } from "../../harness/plan/cells.ts";
import { readRecords, RECORDS_FILE } from "../../harness/results/records.ts";
import { listPlugIns } from "../../harness/registry.ts";
import { resetScratch } from "../../harness/server-state/reset.ts";
import { executeRun } from "../../harness/run/runner.ts";
import { unmetNeed } from "../../harness/run/server-needs.ts";
import { verify } from "../../harness/verify/rows.ts";
import { connect, execute, selectOne, type Connection } from "../../lib/connection.ts";
import { silentLog } from "../../lib/log.ts";
import { targetUrl, type ConnectionTarget } from "../../lib/target.ts";
import type { TlsMode } from "../../lib/tls.ts";
import type { Orm } from "../../orms/orm.ts";
import type { NativeVariant, Strategy } from "../../strategies/strategy.ts";
import { childAccounts, openGrantedAccount } from "../support/accounts.ts";
import { bench } from "../support/bench.ts";
import { makeCertificates, type Certificates } from "../support/certificates.ts";
import { mariadbObstacle, startMariadb } from "../support/mariadb.ts";
import { serverNotes } from "../support/records.ts";
import type { PlainServer } from "../support/servers.ts";
import { isFull, variants } from "../support/full.ts";

const obstacle = await mariadbObstacle();
if (obstacle !== null) process.stderr.write(`MariaDB is not tested: ${obstacle}\n`);

const [strategies, orms] = await Promise.all([listPlugIns("strategy"), listPlugIns("orm")]);
const ormIds = orms.map(({ value }) => value.id);
const everyCell = (
  await planCells([
    // Keys that the server generates in set-based, with RANDOM_BYTES.
    { strategies: strategies.map(({ value }) => value.id), orms: ormIds, keys: ["uuidv7"], chunkUsers: [7] },
    { strategies: ["set-based", "chunked"], orms: ormIds, keys: ["identity", "uuidv4"], chunkUsers: [7] },
    {
      strategies: ["chunked"],
      orms: ormIds,
      keys: ["uuidv7"],
      chunkUsers: [7],
      tracks: ["matched"],
      isolations: ["serializable"],
    },
  ])
).filter(
  ({ skipReason, server }) => skipReason === null && unmetNeed(server, { version: "10.11.0-MariaDB", variables: {} }) === null,
);
/** Every technique once, each on another library, and every library by each key and protocol that only MariaDB could refuse. */
const techniques = strategies.map(({ value }) => value.id);
const cells = variants(everyCell, ({ cell }) => {
  const able = everyCell.filter((other) => other.cell.strategy === cell.strategy && other.cell.key === cell.key);
  const place = able.findIndex((other) => other.cell.id === cell.id);
  return cell.track === "matched" || cell.strategy === "set-based" || place === techniques.indexOf(cell.strategy) % able.length;
});

const SMALL = { users: 24, orders: 800, dormantUsers: 2, dataSeed: 3 };
const users = { firstUserId: 1, lastUserId: SMALL.users + SMALL.dormantUsers };

describe.skipIf(obstacle !== null)("MariaDB with default settings", () => {
  let server: PlainServer;
  let target: ConnectionTarget;
  let admin: Connection;
  let account: ChildAccount;
  let folder: string;
  beforeAll(async () => {
    for (const { value } of orms) await value.prepare?.();
    server = await startMariadb();
    target = { ...server.target, schema: "every_cell" };
    const { contentHash } = await ensureDataset(target, SMALL, { log: silentLog });
    admin = await connect(target);
    await ensureOracle(admin, contentHash, silentLog);
    account = await createChildAccount(admin, target, (await createScratch(target, "every_cell_scratch")).schema);
    folder = await mkdtemp(join(tmpdir(), "mariadb-test-"));
  });
  afterAll(async () => {
    await account[Symbol.asyncDispose]();
    await admin.end();
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  test.each(cells.map((planned) => ({ planned, id: planned.cell.id })))(
    "writes exactly the expected rows: $id",
    async ({ planned }) => {
      const { cell, key, modules } = planned;
      const { orm } = (await import(modules.ormUrl)) as { orm: Orm };
      const { strategy, nativeVariant } = (await import(modules.codeUrl)) as {
        strategy?: Strategy;
        nativeVariant?: NativeVariant;
      };
      await resetScratch(admin);
      const statements = cell.track === "matched" ? "text" : "library";
      const policy = { poolConnections: 2, isolation: cell.isolation, statements } as const;
      await using session = await orm.connect({
        ...policy,
        target: account.target,
        storage: key.storage,
        uses: strategy?.requires ?? [],
      });
      await (nativeVariant ?? strategy)?.run({
        ...JOB,
        session,
        key,
        runId: 1,
        chunkUsers: cell.chunkUsers ?? 10,
        partition: users,
        phase: (_phase, work) => work(),
        retry: (work) => work(),
        finished() {},
      });
      const steps = { partitions: [users], state: "finished" } as const;
      expect(await verify(admin, { runId: 1, key, done: [users], restUntouched: true, steps })).toEqual({ verified: true });
    },
  );

  test("finds its loaded data again, and has the same content in another schema", async () => {
    expect(await ensureDataset(target, SMALL, { log: silentLog })).toMatchObject({ loadedNow: false });
    expect(await ensureDataset({ ...target, schema: "same" }, SMALL, { log: silentLog })).toMatchObject({
      loadedNow: true,
      contentHash: (await ensureDataset(target, SMALL, { log: silentLog })).contentHash,
    });
  });

  test.runIf(isFull)("traces one user's statements through every library", async () => {
    for (const id of variants(ormIds, (orm) => orm === "mariadb" || orm === "mysql2")) {
      const result = await bench(["trace", `chunked/${id}`, "--db", targetUrl({ ...target, schema: "traced" })]);
      expect([id, result.code, result.stderr]).toEqual([id, 0, expect.not.stringContaining("error")]);
      expect(result.stdout).toMatch(/; verified\.\n/);
    }
  });

  test.runIf(isFull)("is named in the output, and complete runs measure it with empty and noted missing numbers", async () => {
    const out = join(folder, "run");
    const options = ["--users", "60", "--orders", "2000", "--rounds", "1", "--workers", "1,2", "--format", "md"];
    const db = ["--db", targetUrl({ ...target, schema: "whole" }), "--yes"];
    const { code, stderr } = await bench(["run", "chunked", "--orm", "mysql2,mariadb", ...options, ...db, "--out", out]);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/is MariaDB: docs\/databases\.md/)]);
    const results = await readRecords(join(out, RECORDS_FILE));
    expect(serverNotes(results.run)).toEqual([
      expect.stringMatching(/^Statements were not counted/),
      expect.stringMatching(/^Not recorded, .*transactions/),
    ]);
    expect(results.run.environment.server).toMatchObject({ durability: "full", isolation: "REPEATABLE-READ", tls: null });
    expect(results.samples.map(({ statements }) => statements)).toEqual([null, null, null, null]);
    // The account of this test.
    expect(await childAccounts(target)).toBe(1);
  });
});

describe.skipIf(obstacle !== null)("MariaDB with performance_schema, a binary log and certificates", () => {
  let server: PlainServer;
  let certificates: Certificates;
  let stranger: Certificates;
  let folder: string;
  beforeAll(async () => {
    [certificates, stranger] = await Promise.all([makeCertificates({ server: { names: "IP:127.0.0.1" } }), makeCertificates({})]);
    const file = (name: string): string => join(certificates.folder, name);
    server = await startMariadb([
      "--performance-schema=ON",
      "--log-bin",
      "--server-id=1",
      "--sync-binlog=1",
      "--local-infile=OFF",
      `--ssl-ca=${file("ca.pem")}`,
      `--ssl-cert=${file("server.pem")}`,
      `--ssl-key=${file("server.key")}`,
    ]);
    folder = await mkdtemp(join(tmpdir(), "mariadb-test-"));
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await Promise.all([certificates, stranger].map((left) => left[Symbol.asyncDispose]()));
    await rm(folder, { recursive: true });
  });

  const withTls = (target: ConnectionTarget, mode: TlsMode, { caPem, ca }: Certificates): ConnectionTarget => ({
    ...target,
    tls: { mode, ca: mode === "required" ? null : caPem, caFile: ca },
  });

  const ACCOUNTS = [
    ["of minimal privileges", false, null],
    ["with the privileges for counts", true, null],
    ["with the privileges for counts, over TLS", true, "verify-identity" as const],
  ] as const;
  test.each(variants(ACCOUNTS, ([, withCounts]) => !withCounts))(
    "is measurable with an account %s",
    async (name, withCounts, tls) => {
      const plain = { ...server.target, schema: `granted_${name.length}` };
      const change = (grants: string) => grants.replace(/^GRANT .*events_errors_summary.*$/m, "");
      const target = tls === null ? plain : withTls(plain, tls, certificates);
      await using account = await openGrantedAccount(target, { withCounts, change });
      const { run, samples } = await executeRun(
        {
          cells: await planCells([
            {
              strategies: isFull ? ["chunked", "set-based"] : ["chunked"],
              orms: isFull ? ["mysql2", "prisma"] : ["mysql2"],
              keys: ["identity"],
              chunkUsers: [50],
            },
          ]),
          rounds: 1,
          orderSeed: 1,
          suite: null,
          timeline: null,
          continued: null,
          dataset: SMALL,
          database: { kind: "url", target: account.target, hasPassword: true },
          runId: "granted",
          startedAt: new Date(),
          folder: await mkdtemp(join(folder, "run-")),
        },
        { log: silentLog, signal: new AbortController().signal },
      );
      expect(serverNotes(run)).toEqual([
        ...(withCounts
          ? []
          : [
              expect.stringMatching(/used the account of the harness/),
              expect.stringMatching(/^Transactions that a job left open at its end were not looked for/),
              expect.stringMatching(/^Writes after the end of a job were stopped by the end of its sessions only/),
            ]),
        expect.stringMatching(/^Not recorded, .*page splits/),
      ]);
      expect(run.environment.server).toMatchObject({ tls, durability: "full" });
      for (const { cell, status, reason, statements } of samples.filter((sample) => sample.status !== "skipped")) {
        expect([cell.id, status, reason]).toEqual([cell.id, "ok", null]);
        if (withCounts) expect(statements).toBeGreaterThan(5);
        else expect(statements).toBeNull();
      }
    },
  );

  test("accepts every library over TLS, and fails with a CA that did not sign its certificate", async () => {
    const admin = await connect(server.target, { withSchema: false });
    await execute(admin, "CREATE DATABASE tls_orms");
    await admin.end();
    const target = { ...server.target, schema: "tls_orms" };
    for (const mode of ["required", "verify-ca", "verify-identity"] as const) {
      const connection = await connect(withTls(target, mode, certificates));
      const status = await selectOne<{ Value: string }>(connection, "SHOW SESSION STATUS LIKE 'Ssl_cipher'");
      expect(status.Value).toMatch(/^TLS|AES/);
      await connection.end();
      if (mode !== "required")
        await expect(connect(withTls(target, mode, stranger))).rejects.toMatchObject({ code: "TLS_FAILED" });
      for (const { value: orm } of orms) {
        const policy = { poolConnections: 1, isolation: null, statements: "library", storage: "identity" } as const;
        await using session = await orm.connect({ ...policy, target: withTls(target, mode, certificates) });
        const [row] = await session.query("SHOW SESSION STATUS LIKE 'Ssl_cipher'", []);
        expect(row?.["Value"], orm.id).toMatch(/^TLS|AES/);
      }
    }
  });
});
