/** The server's counters by themselves, without a run: matrix.test.ts has those of samples. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openServerProbes } from "../../harness/probes/server/index.ts";
import { differences } from "../../harness/probes/server/probe.ts";
import { connect, execute, select } from "../../lib/connection.ts";
import { silentLog } from "../../lib/log.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { openGrantedAccount } from "../support/accounts.ts";
import { openTestSchema } from "../support/database.ts";

/** The probes switch them on for a server that bench manages. The tests share this one. */
async function keepInstruments(target: ConnectionTarget): Promise<AsyncDisposable> {
  const admin = await connect(target, { withSchema: false });
  const stage = "FROM performance_schema.setup_instruments WHERE NAME = 'stage/sql/starting'";
  const [before] = await select<{ enabled: string; timed: string }>(admin, `SELECT ENABLED AS enabled, TIMED AS timed ${stage}`);
  return {
    async [Symbol.asyncDispose]() {
      await execute(
        admin,
        "UPDATE performance_schema.setup_instruments SET ENABLED = ?, TIMED = ? WHERE NAME = 'stage/sql/starting'",
        [before?.enabled, before?.timed],
      );
      await execute(admin, "SET GLOBAL innodb_monitor_disable = 'index_page_splits'");
      await admin.end();
    },
  };
}

describe("the server's counters", () => {
  let target: ConnectionTarget;
  let schema: Awaited<ReturnType<typeof openTestSchema>>;
  beforeAll(async () => {
    schema = await openTestSchema("costs");
    target = schema.target;
  });
  afterAll(() => schema[Symbol.asyncDispose]());

  it("are empty with a warning when the server closes the session of the probes during the sample", async () => {
    // the test finds the probes' session by this account name
    await using account = await openGrantedAccount({ ...target, schema: `${target.schema}_granted` }, { withCounts: true });
    await using probes = await openServerProbes(account.target, { isOwned: false, account: null, serverPid: null }, silentLog);
    await probes.start();
    const admin = await connect(target, { withSchema: false });
    const sessions = await select<{ id: number }>(admin, "SELECT id FROM information_schema.processlist WHERE user = ?", [
      account.target.user,
    ]);
    for (const { id } of sessions) await execute(admin, `KILL ${id}`);
    await admin.end();
    const { costs, warnings } = await probes.finish("identity");
    expect(costs).toMatchObject({ redoBytes: null, fsyncs: null });
    expect(warnings).toContainEqual(
      expect.stringMatching(/^not recorded: rows, redo, fsyncs, row-lock waits and pages read \(.+\)$/),
    );
  });

  it("keep the counts at the end of the job when the server loses them as the sessions end", async () => {
    await using account = await openGrantedAccount({ ...target, schema: `${target.schema}_granted` }, { withCounts: true });
    const open = () => connect(account.target, { withSchema: false });
    const [admin, own, session] = await Promise.all([connect(target, { withSchema: false }), open(), open()]);
    const counted = { user: account.target.user, ownConnectionId: own.threadId };
    await using probes = await openServerProbes(target, { isOwned: false, account: counted, serverPid: null }, silentLog);
    await probes.start();
    for (const statement of ["BEGIN", "COMMIT", "BEGIN", "COMMIT"]) await execute(session, statement);
    await probes.atEnd();
    for (const table of ["statements", "transactions"])
      await execute(admin, `TRUNCATE TABLE performance_schema.events_${table}_summary_by_account_by_event_name`);
    await session.end();
    const { costs } = await probes.finish("identity");
    await Promise.all([admin.end(), own.end()]);
    expect(costs).toMatchObject({ statementKinds: { begin: 2, commit: 2 }, transactions: expect.any(Number) });
    expect(costs.transactions).toBeGreaterThanOrEqual(2);
  });

  it("have the time of parsing on a server that bench starts: that of a long text, not that of a statement that waits", async () => {
    await using account = await openGrantedAccount({ ...target, schema: `${target.schema}_parsed` }, { withCounts: true });
    const open = () => connect(account.target, { withSchema: false });
    const [own, session] = await Promise.all([open(), open()]);
    const counted = { user: account.target.user, ownConnectionId: own.threadId };
    await using _usual = await keepInstruments(target);
    await using probes = await openServerProbes(target, { isOwned: true, account: counted, serverPid: null }, silentLog);
    const parseMsOf = async (statement: string): Promise<number> => {
      await probes.start();
      await session.query(statement);
      return (await probes.finish("identity")).costs.parseMs ?? Number.NaN;
    };
    const waiting = await parseMsOf("DO SLEEP(0.3)");
    const long = await parseMsOf(`DO ${Array.from({ length: 60_000 }, (_, index) => index).join(" + 1, ")}`);
    await Promise.all([own.end(), session.end()]);
    expect(waiting).toBeLessThan(100);
    expect(long).toBeGreaterThan(3 * waiting);
  });

  it("count the plans whose keys exceed range_optimizer_max_mem_size, which no error shows", async () => {
    await using account = await openGrantedAccount({ ...target, schema: `${target.schema}_ranges` }, { withCounts: true });
    const open = () => connect(account.target, { withSchema: false });
    const [own, session] = await Promise.all([open(), open()]);
    const counted = { user: account.target.user, ownConnectionId: own.threadId };
    await using probes = await openServerProbes(target, { isOwned: false, account: counted, serverPid: null }, silentLog);
    const schema = `${target.schema}_ranges`;
    await execute(session, `CREATE DATABASE IF NOT EXISTS ${schema}`);
    await execute(session, `CREATE TABLE ${schema}.numbers (id INT PRIMARY KEY)`);
    await execute(
      session,
      `INSERT INTO ${schema}.numbers VALUES ${Array.from({ length: 500 }, (_, id) => `(${id})`).join(", ")}`,
    );
    const exceeded = async (limitBytes: number): Promise<number | null> => {
      await probes.start();
      await execute(session, `SET SESSION range_optimizer_max_mem_size = ${limitBytes}`);
      const keys = Array.from({ length: 100 }, (_, id) => id).join(", ");
      await execute(session, `SELECT * FROM ${schema}.numbers WHERE id IN (${keys})`);
      return (await probes.finish("identity")).costs.rangeLimitsExceeded;
    };
    expect(await exceeded(8 * 2 ** 20)).toBe(0);
    expect(await exceeded(1_000)).toBeGreaterThan(0);
    await Promise.all([own.end(), session.end()]);
  });

  it("are unknown, not negative, when a counter was reset", async () => {
    const readings = [new Map([["bytes", 500]]), new Map([["bytes", 20]])];
    const probe = differences(
      async () => readings.shift() ?? new Map(),
      (grown) => ({ binlogBytes: grown("bytes") }),
    );
    await probe.start();
    expect(await probe.finish("identity")).toEqual({ binlogBytes: null });
  });
});
