/** Creation, change and use of the service's data: `bench api setup`, `serve` and `run` on one server. */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resetApiData } from "../../harness/scenario/data.ts";
import { connect, execute, select, selectOne } from "../../lib/connection.ts";
import { targetUrl, type ConnectionTarget } from "../../lib/target.ts";
import { startBench, type Finished } from "../support/bench.ts";
import { testServer } from "../support/worker-server.ts";
import { benchInProcess } from "../support/in-process.ts";
import { newInstance } from "../support/instances.ts";
import { isFull } from "../support/full.ts";
import { missingApiTables } from "../../api/tables.ts";
import { clientOf, openTestService, type Client } from "./service.ts";

const TINY = ["--users", "30", "--orders", "600"];

interface Served {
  readonly client: Client;
  readonly pid: number | undefined;
  end(): Promise<Finished>;
}

/** Starts `bench api serve` and waits for its address. @throws Error with the output if the service ends first */
async function serve(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Served> {
  const running = startBench(["api", "serve", "--port", "0", ...args], { env });
  let said = "";
  const { promise: address, resolve, reject } = Promise.withResolvers<string>();
  running.process.stdout?.on("data", (text: string) => {
    said += text;
    const url = /^http:\S+$/m.exec(said)?.[0];
    if (url !== undefined) resolve(url);
  });
  void running.finished.then((finished) => reject(new Error(`the service ended: ${JSON.stringify(finished)}`)));
  const url = await address;
  return {
    client: clientOf({ url, batchProcessId: () => null, close: () => Promise.resolve() }),
    pid: running.process.pid,
    end() {
      running.process.kill("SIGINT");
      return running.finished;
    },
  };
}

describe("the data of the service on a user's server", () => {
  let target: ConnectionTarget;
  let db: string[];
  let folder: string;
  const all: Served[] = [];
  const started = async (...args: Parameters<typeof serve>): Promise<Served> => {
    const served = await serve(...args);
    all.push(served);
    return served;
  };

  beforeEach(async () => {
    target = { ...(await testServer()), schema: `test_setup_${randomUUID().slice(0, 8)}` };
    db = ["--db", targetUrl(target)];
    folder = await mkdtemp(join(tmpdir(), "setup-"));
  });
  afterEach(async () => {
    await Promise.all(all.splice(0).map((served) => served.end()));
    await onServer(async (connection) => {
      for (const schema of ["_api", "_api_run"])
        await execute(connection, `DROP DATABASE IF EXISTS \`${target.schema}${schema}\``);
    });
    await rm(folder, { recursive: true, force: true });
  });

  async function onServer<T>(work: (connection: Awaited<ReturnType<typeof connect>>) => Promise<T>): Promise<T> {
    const connection = await connect(target, { withSchema: false });
    try {
      return await work(connection);
    } finally {
      await connection.end();
    }
  }
  const rows = async (table: string): Promise<number> =>
    (
      await onServer((connection) =>
        selectOne<{ found: number }>(connection, `SELECT COUNT(*) AS found FROM \`${target.schema}_api\`.${table}`),
      )
    ).found;
  const schemas = (): Promise<unknown[]> =>
    onServer((connection) =>
      select(connection, "SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name LIKE ?", [
        `${target.schema.replaceAll("_", "\\_")}%`,
      ]),
    );
  const setUp = (...more: string[]): Promise<Finished> => benchInProcess(["api", "setup", ...TINY, ...db, "--yes", ...more]);

  it("comes only from `bench api setup`: `bench api serve` creates nothing", async () => {
    const refused = await benchInProcess(["api", "serve", "--port", "0", ...TINY, ...db]);
    expect(refused.stderr).toMatch(
      /error NOT_SET_UP: .*it has no data and tables[^]*fix: create them with: (npx )?bench api setup --db '?mysql:\/\/\w+@[\d.:]+\/test_setup/,
    );
    expect(refused.code).toBe(1);
    expect(await schemas()).toEqual([]);
    const unconfirmed = await benchInProcess(["api", "setup", ...TINY, ...db]);
    expect(unconfirmed).toMatchObject({ code: 2, stderr: expect.stringContaining("CONFIRMATION_NEEDED") });
    expect(await schemas()).toEqual([]);
  });

  it("stays unchanged after a run, a load or a setup beside a service, and each refusal names the holder", async () => {
    expect(await setUp()).toMatchObject({ code: 0 });
    const first = await started(db);
    const busy = new RegExp(`error SCHEMA_BUSY: .*_api is busy: bench api serve \\(process ${first.pid}\\), connection \\d+`);
    const small = [...TINY, "--guard", "none", "--duration", "200ms"];
    const attempts = [
      await benchInProcess(["api", "run", ...small, "--yes", "--out", join(folder, "run"), ...db]),
      await setUp("--replace"),
    ];
    for (const { code, stderr } of attempts) {
      expect(stderr).toMatch(busy);
      expect(code).toBe(1);
    }
    expect((await first.client.order(2)).status).toBe(201);
    await first.end();
    const inUse = targetUrl({ ...target, schema: `${target.schema}_api` });
    const load = await benchInProcess(["load", ...TINY, "--db", inUse, "--yes"]);
    expect(load).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/error DATA_IN_USE: .*holds the data of `bench api serve`/),
    });
    expect(await rows("orders")).toBe(601);
  });

  it("is refused where the lock of one session does not stop another one", async () => {
    expect(await setUp()).toMatchObject({ code: 0 });
    await onServer((connection) => execute(connection, `ALTER TABLE \`${target.schema}_api\`.batch_cutoff ENGINE = MyISAM`));
    const refused = await setUp();
    expect(refused.stderr).toMatch(
      /error ROW_LOCKS_MISSING: cannot use .*_api: FOR SHARE locks no row\n {2}fix: use tables of InnoDB/,
    );
    expect(refused.code).toBe(1);
  });

  it("is replaced only with --replace, and not by other parameters", async () => {
    expect(await setUp()).toMatchObject({ code: 0 });
    await onServer((connection) =>
      execute(
        connection,
        `INSERT INTO \`${target.schema}_api\`.orders SELECT 601, user_id, category_id, amount, status, ordered_at FROM \`${target.schema}_api\`.orders WHERE id = 1`,
      ),
    );
    expect(await setUp()).toMatchObject({ code: 0, stdout: expect.stringContaining("data already present") });
    const other = ["api", "setup", "--users", "40", "--orders", "700", ...db, "--yes"];
    const refused = await benchInProcess(other);
    expect(refused.stderr).toMatch(/error DATA_IN_USE: .*data for --users 30 --orders 600, not for --users 40 --orders 700/);
    expect(await benchInProcess(["api", "serve", "--users", "40", "--port", "0", ...db])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("DATA_IN_USE"),
    });
    expect(await rows("orders")).toBe(601);
    expect(await benchInProcess([...other, "--replace"])).toMatchObject({ code: 0 });
    expect(await rows("orders")).toBe(700);
    expect(await rows("write_log")).toBe(0);
  });
});

it.runIf(isFull)("the first start on a private server creates the data, and the next one only checks it", async () => {
  await using instance = newInstance();
  const env = { ORM_SHOOTOUT_INSTANCE: instance.options.name, ORM_SHOOTOUT_PROFILE: "test" };
  const first = await serve([...TINY, "--db", "embedded"], env);
  expect((await first.client.order(2)).status).toBe(201);
  await first.end();
  const second = await serve(["--db", "embedded"], env);
  await using database = await instance.open();
  const connection = await connect({ ...database.target, schema: "orm_shootout_api" });
  expect(await selectOne(connection, "SELECT COUNT(*) AS orders FROM orders")).toEqual({ orders: 601 });
  await connection.end();
  await second.end();
});

it("the reset of a scenario replaces the service's tables of another version", async () => {
  await using service = await openTestService("api_versions");
  await execute(service.admin, "ALTER TABLE batches DROP COLUMN chunk_users");
  await execute(service.admin, "DROP TABLE batch_steps");
  expect(await missingApiTables(service.admin, service.target.schema)).toEqual(["batches.chunk_users", "batch_steps"]);
  await resetApiData(service.admin);
  expect(await missingApiTables(service.admin, service.target.schema)).toEqual([]);
  await using client = await service.start();
  expect((await client.order(2)).status).toBe(201);
});

it("the first reset of a scenario registers the coupons that its clients redeem", async () => {
  await using service = await openTestService("api_seeded");
  await resetApiData(service.admin);
  const [coupon] = await select<{ userId: number; couponId: number }>(
    service.admin,
    "SELECT user_id AS userId, coupon_id AS couponId FROM coupon_issues_identity LIMIT 1",
  );
  if (coupon === undefined) throw new Error("no coupon is seeded");
  await using client = await service.start();
  expect((await client.redeem(coupon.userId, coupon.couponId)).status).toBe(200);
});
