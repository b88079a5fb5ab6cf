/** A server with adverse settings: the sessions of the harness must not depend on them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApiTables } from "../../api/tables.ts";
import { planCells } from "../../harness/plan/cells.ts";
import type { RunResults } from "../../harness/results/records.ts";
import { executeRun } from "../../harness/run/runner.ts";
import { connect, execute, select } from "../../lib/connection.ts";
import { silentLog } from "../../lib/log.ts";
import { embeddedObstacle } from "../support/instances.ts";
import { startMysqlWith, type PlainServer } from "../support/servers.ts";

/** Global values that break something each, where a session takes them as they are. */
const ADVERSE = [
  "autocommit = 0",
  "completion_type = 'CHAIN'",
  "sql_safe_updates = 1",
  "sql_select_limit = 3",
  "max_join_size = 2",
  "max_execution_time = 1",
  "group_concat_max_len = 4",
  "cte_max_recursion_depth = 0",
  "sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH,ONLY_FULL_GROUP_BY'",
  "time_zone = '+09:00'",
  "transaction_isolation = 'SERIALIZABLE'",
  "transaction_read_only = 1",
  "lock_wait_timeout = 1",
  "innodb_lock_wait_timeout = 1",
  "wait_timeout = 2",
];

/** Statements that a careful operator sends to sessions of applications. Accounts with all rights, as the test's, do not get them. */
const FOR_APPLICATIONS = `SET autocommit = 1, completion_type = 0, sql_safe_updates = 0, sql_select_limit = DEFAULT, max_join_size = 18446744073709551615,
  max_execution_time = 0, sql_mode = '', transaction_isolation = 'REPEATABLE-READ', transaction_read_only = 0, wait_timeout = 600,
  sql_select_limit = 18446744073709551615`;

describe.skipIf((await embeddedObstacle()) !== null)("a server with adverse settings", () => {
  let server: PlainServer;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "adverse-"));
    server = await startMysqlWith(["--sql-require-primary-key=ON"]);
    const admin = await connect(server.target, { withSchema: false });
    for (const setting of ADVERSE) await execute(admin, `SET GLOBAL ${setting}`);
    await admin.end();
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const setGlobal = async (name: string, value: string): Promise<void> => {
    const admin = await connect(server.target, { withSchema: false });
    await execute(admin, `SET GLOBAL ${name} = ?`, [value]);
    await admin.end();
  };
  const run = async (strategies: string[]): Promise<RunResults> =>
    executeRun(
      {
        cells: await planCells([{ strategies, orms: ["mysql2"], keys: ["identity"], chunkUsers: [20] }]),
        rounds: 1,
        orderSeed: 1,
        suite: null,
        timeline: null,
        continued: null,
        dataset: { users: 40, orders: 900, dormantUsers: 2, dataSeed: 1 },
        database: { kind: "url", target: server.target, hasPassword: true },
        runId: "adverse",
        startedAt: new Date(),
        folder: await mkdtemp(join(folder, "run-")),
      },
      { log: silentLog, signal: new AbortController().signal },
    );

  it("passes a verified run, with a primary key in every table", async () => {
    await setGlobal("init_connect", FOR_APPLICATIONS);
    const { samples } = await run(["chunked", "set-based"]);
    expect(samples.map(({ status, reason, verified }) => [status, reason, verified])).toEqual([
      ["ok", null, true],
      ["ok", null, true],
    ]);
    const connection = await connect(server.target);
    // InnoDB would add a hidden key; group replication and managed servers refuse such a table
    await createApiTables(connection);
    const keyless = await select(
      connection,
      `SELECT t.table_name FROM information_schema.tables AS t
       LEFT JOIN information_schema.table_constraints AS c
         ON c.table_schema = t.table_schema AND c.table_name = t.table_name AND c.constraint_type = 'PRIMARY KEY'
       WHERE t.table_schema = DATABASE() AND t.table_type = 'BASE TABLE' AND c.constraint_name IS NULL`,
    );
    expect(keyless).toEqual([]);
    await connection.end();
  });

  it("is measured as it is: the libraries' sessions keep the server's values", async () => {
    await setGlobal("init_connect", `${FOR_APPLICATIONS}, sql_select_limit = 3`);
    const { samples } = await run(["chunked"]);
    // three of five were read
    expect(samples).toMatchObject([{ status: "failed", reason: "category 4 has no coupon" }]);
  });
});
