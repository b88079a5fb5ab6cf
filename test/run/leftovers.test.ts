/** Jobs with more rights than a separate account has: what they change beside the rows of the job is found and undone. */
import { fileURLToPath } from "node:url";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { planCells } from "../../harness/plan/cells.ts";
import { executeRun } from "../../harness/run/runner.ts";
import { openLeftovers } from "../../harness/server-state/leftovers.ts";
import { connect, execute, selectOne, type Connection } from "../../lib/connection.ts";
import { silentLog } from "../../lib/log.ts";
import { openGrantedAccount } from "../support/accounts.ts";
import { openTestSchema } from "../support/database.ts";
import { isFull } from "../support/full.ts";

const plugIn = (name: string): string => fileURLToPath(new URL(`../plugins/${name}.ts`, import.meta.url));

let folder: string;
let schema: Awaited<ReturnType<typeof openTestSchema>>;
let admin: Connection;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "leftovers-"));
  schema = await openTestSchema("leftovers");
  admin = await connect(schema.target, { withSchema: false });
});
afterAll(async () => {
  await execute(admin, "SET GLOBAL innodb_flush_log_at_trx_commit = 1");
  await admin.end();
  await schema[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const durability = () => selectOne(admin, "SELECT @@innodb_flush_log_at_trx_commit AS flush");

test.runIf(isFull)(
  "a job that shares the account of the harness can change neither durability nor the expected rows unseen",
  async () => {
    await using account = await openGrantedAccount(schema.target, { withCounts: false });
    await execute(admin, `GRANT SYSTEM_VARIABLES_ADMIN ON *.* TO '${account.target.user}'@'%'`);
    const warnings: string[] = [];
    const { samples } = await executeRun(
      {
        cells: await planCells([
          {
            strategies: [plugIn("changes-durability"), plugIn("changes-expected-rows"), "chunked"],
            orms: ["mysql2"],
            keys: ["identity"],
            chunkUsers: [50],
          },
        ]),
        rounds: 2,
        orderSeed: 1,
        suite: null,
        timeline: null,
        continued: null,
        dataset: { users: 60, orders: 1_000, dormantUsers: 0, dataSeed: 1 },
        database: { kind: "url", target: account.target, hasPassword: true },
        runId: "leftovers",
        startedAt: new Date(),
        folder,
      },
      { log: { ...silentLog, warn: (line) => void warnings.push(line) }, signal: new AbortController().signal },
    );
    const outcomes = (strategy: string) =>
      samples.filter(({ cell }) => cell.strategy === strategy).map(({ status, reason }) => reason ?? status);
    // the second time, the setting already had the value
    expect(outcomes("changes-durability")).toEqual([
      "wrong result: the job ran while innodb_flush_log_at_trx_commit changed from 1 to 0",
      "ok",
    ]);
    const expectedRows = "wrong result: the job changed the expected rows; bench computed them again";
    expect(outcomes("changes-expected-rows")).toEqual([expectedRows, expectedRows]);
    expect(outcomes("chunked")).toEqual(["ok", "ok"]);
    expect(warnings.filter((line) => line.startsWith("the expected rows in the schema were changed"))).toHaveLength(2);
  },
);

test("a changed setting of a server that bench manages is set back", async () => {
  await execute(admin, "SET GLOBAL innodb_flush_log_at_trx_commit = 1");
  const leftovers = openLeftovers(admin, [schema.target.schema, `${schema.target.schema}_scratch`], null);
  await leftovers.begin();
  await execute(admin, "SET GLOBAL innodb_flush_log_at_trx_commit = 2");
  await execute(admin, "SET GLOBAL optimizer_prune_level = 0");
  expect(await leftovers.undo(true)).toEqual({
    wrong: "the job ran while innodb_flush_log_at_trx_commit changed from 1 to 2",
    warnings: [
      "left behind and undone: the global variable innodb_flush_log_at_trx_commit was set from 1 to 2",
      "left behind and undone: the global variable optimizer_prune_level was set from 1 to 0",
    ],
  });
  expect(await durability()).toEqual({ flush: 1 });
  await leftovers.begin();
  expect(await leftovers.undo(true)).toEqual({ wrong: null, warnings: [] });
});
