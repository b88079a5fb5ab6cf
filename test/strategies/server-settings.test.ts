/** Techniques on a server with other settings than that of `bench`: the same rows, or a reason with the fix. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { execute, selectOne } from "../../lib/connection.ts";
import { key as identity } from "../../strategies/keys/identity.ts";
import { key as uuidv7 } from "../../strategies/keys/uuidv7.ts";
import { traceCell } from "../../harness/trace/trace.ts";
import { planCells } from "../../harness/plan/cells.ts";
import { silentLog } from "../../lib/log.ts";
import type { Orm } from "../../orms/orm.ts";
import { embeddedObstacle } from "../support/instances.ts";
import { openTestJob, type TestJob } from "../support/job.ts";
import { messagesOf } from "../support/packets.ts";
import { openTestRuns } from "../support/run.ts";
import { startMysqlWith, type PlainServer } from "../support/servers.ts";
import { variants } from "../support/full.ts";
import { listCodes, oneOrmEach } from "./cells.ts";

/**
 * A statement fails or writes other rows if it has text in double quotes, escapes by backslashes, or creates a table without a
 * primary key. The same is true if it compares its text with that of a column in another collation.
 */
const SETTINGS = [
  "--sql-mode=ANSI_QUOTES,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES,ONLY_FULL_GROUP_BY,NO_ZERO_DATE",
  "--character-set-server=latin1",
  "--collation-server=latin1_german1_ci",
  // for the measured account, which has no right to skip it
  "--init-connect=SET NAMES utf8mb4 COLLATE utf8mb4_bin",
  "--sql-require-primary-key=ON",
  "--binlog-format=STATEMENT",
  // with GTIDs, the server forbids temporary tables in a transaction of such a log
  "--gtid-mode=OFF",
  "--enforce-gtid-consistency=OFF",
  "--default-tmp-storage-engine=MyISAM",
];
const CHUNK = 7;
/** The MariaDB connector escapes bytes with backslashes on every server, so the server refuses keys of bytes in text statements. */
const keyOf = (orm: Orm) => (orm.class === "raw" && orm.driver === "mariadb" ? identity : uuidv7);

const codes = (await listCodes()).filter(({ strategy }) => strategy.api === "raw-sql");
const cells = variants(codes, oneOrmEach(codes));

describe.skipIf((await embeddedObstacle()) !== null)("a server with other settings", () => {
  let server: PlainServer;
  let job: TestJob;
  beforeAll(async () => {
    server = await startMysqlWith(SETTINGS);
    for (const { orm } of cells) await orm.prepare?.();
    job = await openTestJob("settings", { users: 24, orders: 800, dormantUsers: 2, dataSeed: 3 }, server.target);
  });
  afterAll(async () => {
    await job[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  it("has the settings in the measured sessions", async () => {
    const [cell] = cells;
    if (cell === undefined) throw new Error("no technique");
    await using session = await job.connect(cell.orm, keyOf(cell.orm).storage);
    const [row] = await session.query(
      "SELECT @@sql_mode AS modes, @@collation_server AS server, @@binlog_format AS binlog, @@sql_require_primary_key AS keyed",
      [],
    );
    expect(row).toMatchObject({ modes: expect.stringMatching(/ANSI_QUOTES.*NO_BACKSLASH_ESCAPES/), binlog: "STATEMENT" });
    expect(row).toMatchObject({ server: "latin1_german1_ci", keyed: 1 });
  });

  it.each(cells)("gets exactly the expected rows, also in a second run: $name", async ({ strategy, code, orm }) => {
    const key = keyOf(orm);
    await job.reset();
    await using session = await job.connect(orm, key.storage, { uses: strategy.requires });
    for (let run = 0; run < 2; run += 1) {
      await code.run(job.context(session, key, { orm, chunkUsers: CHUNK }));
      expect(await job.verify(key)).toEqual({ verified: true });
    }
  });

  describe("that forbids LOAD DATA LOCAL", () => {
    beforeAll(() => execute(job.admin, "SET GLOBAL local_infile = OFF"));
    afterAll(() => execute(job.admin, "SET GLOBAL local_infile = ON"));
    const loading = codes.filter(({ strategy }) => strategy.server?.localInfile === true);

    it.each(loading)("makes the technique fail with the setting, and gets no row: $name", async ({ strategy, code, orm }) => {
      const key = keyOf(orm);
      await job.reset();
      await using session = await job.connect(orm, key.storage, { uses: strategy.requires });
      const error: unknown = await code.run(job.context(session, key, { orm })).catch((thrown: unknown) => thrown);
      expect(messagesOf(error)).toMatch(/the server forbids it\. Allow it with SET GLOBAL local_infile = 1\./);
      expect(await job.verify(key, { done: [] })).toEqual({ verified: true });
    });

    it("makes a run skip the cell with the reason, and a trace refuse it", async () => {
      await execute(job.admin, "SET GLOBAL enforce_gtid_consistency = ON");
      const { schema: _schema, ...way } = server.target;
      await using runs = await openTestRuns("no_infile", way);
      const group = { strategies: ["load-data", "temp-table"], orms: ["mysql2"], keys: ["identity"], chunkUsers: [50] };
      const { run, samples } = await runs.run([group], {
        dataset: { users: 12, orders: 200, dormantUsers: 0, dataSeed: 3 },
      });
      expect(Object.fromEntries(samples.map(({ cell, reason }) => [cell.strategy, reason]))).toEqual({
        "load-data": "local_infile is OFF on the server. Run SET GLOBAL local_infile = 1.",
        "temp-table": expect.stringMatching(/STATEMENT and GTIDs.*Run SET GLOBAL binlog_format = ROW\.$/),
      });
      expect(samples.map(({ status }) => status)).toEqual(["skipped", "skipped"]);
      expect(run.environment.server.variables).toMatchObject({ local_infile: "OFF" });
      const [planned] = await planCells([group]);
      if (planned === undefined) throw new Error("no cell");
      await expect(
        traceCell(planned, runs.target, { log: silentLog, signal: new AbortController().signal }),
      ).rejects.toMatchObject({ code: "TRACE_FAILED", fix: "Run SET GLOBAL local_infile = 1" });
      const { n } = await selectOne<{ n: number }>(
        job.admin,
        "SELECT COUNT(*) AS n FROM information_schema.schemata WHERE schema_name = ?",
        [`${runs.target.schema}_scratch`],
      );
      expect(n).toBe(0);
    });
  });
});
